/* A test peer on FreeRDP 2's libraries. Input: mode, width, height (u32), then blocks of length (u32) and bytes.
 * Mode 1 and 2: blocks are RemoteFX messages or progressive payloads; the screen comes out as RGBA.
 * Mode 3 and 4: the block is a screen as RGBA; it comes out as a RemoteFX message, RLGR1 or RLGR3. */
#include <freerdp/codec/color.h>
#include <freerdp/codec/progressive.h>
#include <freerdp/codec/region.h>
#include <freerdp/codec/rfx.h>
#include <stdio.h>
#include <stdlib.h>
#include <winpr/stream.h>

static UINT32 number(void)
{
	UINT32 value = 0;
	return fread(&value, 4, 1, stdin) == 1 ? value : 0;
}

static int encode(RFX_CONTEXT* rfx, UINT32 mode, UINT32 width, UINT32 height, BYTE* picture)
{
	const RFX_RECT all = { 0, 0, (UINT16)width, (UINT16)height };
	wStream* out = Stream_New(NULL, 1 << 20);
	rfx->mode = mode == 3 ? RLGR1 : RLGR3;
	rfx_context_set_pixel_format(rfx, PIXEL_FORMAT_RGBX32);
	if (!rfx_compose_message(rfx, out, &all, 1, picture, width, height, width * 4))
		return 1;
	fwrite(Stream_Buffer(out), 1, Stream_GetPosition(out), stdout);
	return 0;
}

int main(void)
{
	const UINT32 mode = number(), width = number(), height = number();
	BYTE* screen = calloc((size_t)width * height, 4);
	RFX_CONTEXT* rfx = rfx_context_new(mode > 2);
	PROGRESSIVE_CONTEXT* progressive = progressive_context_new(FALSE);
	REGION16 region;
	UINT32 length, frame = 0;
	rfx_context_reset(rfx, width, height);
	if (progressive_create_surface_context(progressive, 0, width, height) < 0)
		return 1;
	while ((length = number()) > 0)
	{
		BYTE* bytes = malloc(length);
		if (fread(bytes, 1, length, stdin) != length)
			return 1;
		if (mode > 2)
			return encode(rfx, mode, width, height, bytes);
		region16_init(&region);
		if (mode == 1 && !rfx_process_message(rfx, bytes, length, 0, 0, screen, PIXEL_FORMAT_RGBX32,
		                                      width * 4, height, &region))
			return 1;
		if (mode == 2 &&
		    progressive_decompress_ex(progressive, bytes, length, screen, PIXEL_FORMAT_RGBX32, width * 4,
		                              0, 0, &region, 0, frame++) < 0)
			return 1;
		region16_uninit(&region);
		free(bytes);
	}
	fwrite(screen, 4, (size_t)width * height, stdout);
	return 0;
}
