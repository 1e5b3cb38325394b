/*
 * Loaded before FreeRDP 3.15's shadow server, makes it the older one that its command line cannot ask for, by
 * SHADOW_SPEAKS: avc420 is a server of capability version 8.1, avc444 one that has not learnt AVC444v2.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* freerdp/settings.h */
#define FreeRDP_GfxAVC444v2 3847
#define FreeRDP_GfxCapsFilter 3848
/* Bits of GfxCapsFilter, in the order of the versions: all after 8 and 8.1 are left out. */
#define FILTERS_10_AND_LATER 0x7fc

int freerdp_settings_set_bool(void* settings, int id, int value)
{
	int (*set_bool)(void*, int, int) = dlsym(RTLD_NEXT, "freerdp_settings_set_bool");
	int (*set_uint32)(void*, int, uint32_t) = dlsym(RTLD_NEXT, "freerdp_settings_set_uint32");
	const char* speaks = getenv("SHADOW_SPEAKS");
	if (id != FreeRDP_GfxAVC444v2 || speaks == NULL)
		return set_bool(settings, id, value);
	if (strcmp(speaks, "avc420") == 0)
		return set_uint32(settings, FreeRDP_GfxCapsFilter, FILTERS_10_AND_LATER) && set_bool(settings, id, value);
	return set_bool(settings, id, 0);
}
