/*
 * FreeRDP 2's codecs as an oracle for ours: reads requests from standard input until it ends and answers each.
 * Request: seven u32 (operation, width, height, option, option, size of the data, size of the answer at most), the data.
 * Answer: u32 size and bytes; size 0xffffffff when the library refused. Pixels are R, G, B, X rows from the top.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <freerdp/codec/clear.h>
#include <freerdp/codec/color.h>
#include <freerdp/codec/interleaved.h>
#include <freerdp/codec/nsc.h>
#include <freerdp/codec/planar.h>
#include <freerdp/codec/zgfx.h>
#include <winpr/stream.h>

enum operation
{
	PLANAR_ENCODE = 1,
	PLANAR_DECODE,
	INTERLEAVED_ENCODE,
	INTERLEAVED_DECODE,
	NSC_ENCODE,
	NSC_DECODE,
	CLEAR_DECODE,
	ZGFX_DECODE,
	NEW_CONTEXTS
};

struct request
{
	uint32_t operation, width, height, first, second, size, max_answer;
};

#define FORMAT PIXEL_FORMAT_RGBX32

static CLEAR_CONTEXT* clear;
static ZGFX_CONTEXT* zgfx;
/* What ClearCodec draws on: it may leave parts as they are. */
static BYTE* canvas;
static uint32_t canvas_size;
static gdiPalette palette;

static void answer(const BYTE* bytes, uint32_t size, int is_good)
{
	const uint32_t refused = 0xffffffff;
	fwrite(is_good ? &size : &refused, sizeof(size), 1, stdout);
	if (is_good)
		fwrite(bytes, 1, size, stdout);
}

static void planar(const struct request* r, const BYTE* data)
{
	BITMAP_PLANAR_CONTEXT* context = freerdp_bitmap_planar_context_new(r->first, r->width, r->height);
	if (r->operation == PLANAR_ENCODE)
	{
		UINT32 size = 0;
		BYTE* packed = freerdp_bitmap_compress_planar(context, data, FORMAT, r->width, r->height, 0, NULL, &size);
		answer(packed, size, packed != NULL);
		free(packed);
	}
	else
	{
		BYTE* pixels = calloc(r->width * r->height, 4);
		BOOL is_good = planar_decompress(context, data, r->size, r->width, r->height, pixels, FORMAT,
		                                 r->width * 4, 0, 0, r->width, r->height, r->second);
		answer(pixels, r->width * r->height * 4, is_good);
		free(pixels);
	}
	freerdp_bitmap_planar_context_free(context);
}

static void interleaved(const struct request* r, const BYTE* data)
{
	BITMAP_INTERLEAVED_CONTEXT* context = bitmap_interleaved_context_new(r->operation == INTERLEAVED_ENCODE);
	if (r->operation == INTERLEAVED_ENCODE)
	{
		UINT32 size = r->max_answer;
		BYTE* packed = calloc(1, size);
		BOOL is_good = interleaved_compress(context, packed, &size, r->width, r->height, data, FORMAT,
		                                    r->width * 4, 0, 0, &palette, r->first);
		answer(packed, size, is_good);
		free(packed);
	}
	else
	{
		/* 15 and 16 bits stay as they are: the library widens green in its own way */
		uint32_t format = r->first == 15 ? PIXEL_FORMAT_RGB15 : r->first == 16 ? PIXEL_FORMAT_RGB16 : FORMAT;
		uint32_t row = r->width * GetBytesPerPixel(format);
		BYTE* pixels = calloc(r->height, row);
		BOOL is_good = interleaved_decompress(context, data, r->size, r->width, r->height, r->first, pixels, format,
		                                      row, 0, 0, r->width, r->height, &palette);
		answer(pixels, r->height * row, is_good);
		free(pixels);
	}
	bitmap_interleaved_context_free(context);
}

static void nsc(const struct request* r, const BYTE* data)
{
	NSC_CONTEXT* context = nsc_context_new();
	nsc_context_reset(context, r->width, r->height);
	if (r->operation == NSC_ENCODE)
	{
		wStream* stream = Stream_New(NULL, r->max_answer);
		nsc_context_set_parameters(context, NSC_COLOR_FORMAT, FORMAT);
		nsc_context_set_parameters(context, NSC_COLOR_LOSS_LEVEL, r->first);
		nsc_context_set_parameters(context, NSC_ALLOW_SUBSAMPLING, r->second);
		BOOL is_good = nsc_compose_message(context, stream, data, r->width, r->height, r->width * 4);
		answer(Stream_Buffer(stream), (uint32_t)Stream_GetPosition(stream), is_good);
		Stream_Free(stream, TRUE);
	}
	else
	{
		BYTE* pixels = calloc(r->width * r->height, 4);
		BOOL is_good = nsc_process_message(context, 32, r->width, r->height, data, r->size, pixels, FORMAT,
		                                   r->width * 4, 0, 0, r->width, r->height, FREERDP_FLIP_NONE);
		answer(pixels, r->width * r->height * 4, is_good);
		free(pixels);
	}
	nsc_context_free(context);
}

static void clear_codec(const struct request* r, const BYTE* data)
{
	uint32_t size = r->width * r->height * 4;
	if (size != canvas_size)
	{
		free(canvas);
		canvas = calloc(1, size);
		canvas_size = size;
	}
	INT32 status = clear_decompress(clear, data, r->size, r->width, r->height, canvas, FORMAT, r->width * 4, 0, 0,
	                                r->width, r->height, NULL);
	answer(canvas, size, status >= 0);
}

static void new_contexts(void)
{
	clear_context_free(clear);
	zgfx_context_free(zgfx);
	clear = clear_context_new(FALSE);
	zgfx = zgfx_context_new(FALSE);
	free(canvas);
	canvas = NULL;
	canvas_size = 0;
}

static void zgfx_codec(const struct request* r, const BYTE* data)
{
	BYTE* plain = NULL;
	UINT32 size = 0;
	int status = zgfx_decompress(zgfx, data, r->size, &plain, &size, 0);
	answer(plain, size, status >= 0);
	free(plain);
}

static void take(const struct request* r, const BYTE* data)
{
	switch (r->operation)
	{
		case PLANAR_ENCODE:
		case PLANAR_DECODE:
			return planar(r, data);
		case INTERLEAVED_ENCODE:
		case INTERLEAVED_DECODE:
			return interleaved(r, data);
		case NSC_ENCODE:
		case NSC_DECODE:
			return nsc(r, data);
		case CLEAR_DECODE:
			return clear_codec(r, data);
		case ZGFX_DECODE:
			return zgfx_codec(r, data);
		default:
			new_contexts();
			answer(NULL, 0, 1);
	}
}

int main(void)
{
	struct request r;
	palette.format = PIXEL_FORMAT_RGBX32;
	/* The tests' palette: red 0 to 7 in the high bits, then green, then blue 0 to 3. */
	for (uint32_t i = 0; i < 256; i++)
		palette.palette[i] =
		    FreeRDPGetColor(palette.format, (BYTE)((i >> 5) * 36), (BYTE)(((i >> 2) & 7) * 36), (BYTE)((i & 3) * 85), 255);
	new_contexts();
	while (fread(&r, sizeof(r), 1, stdin) == 1)
	{
		BYTE* data = calloc(1, r.size + 16);
		if (fread(data, 1, r.size, stdin) != r.size)
			return 1;
		take(&r, data);
		free(data);
	}
	return 0;
}
