/*
 * Pointers of an X display. Without arguments: the shape it shows now, to standard output: hot spot, width and height
 * (four u32), then pixels as the X server has them: B, G, R, A, colours multiplied by alpha.
 * With x, y, side and a shape: a window there that gives the pointer this shape, until it is killed. The shape is a
 * number of the X cursor font, a file of libXcursor's, or "none".
 */
#include <X11/Xlib.h>
#include <X11/extensions/Xfixes.h>
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int look(Display* display)
{
	XFixesCursorImage* image = XFixesGetCursorImage(display);
	if (image == NULL)
		return 1;
	const uint32_t head[] = { image->xhot, image->yhot, image->width, image->height };
	fwrite(head, sizeof(head), 1, stdout);
	for (size_t at = 0; at < (size_t)image->width * image->height; at++)
	{
		/* 32 bits of each unsigned long */
		const uint32_t pixel = (uint32_t)image->pixels[at];
		fwrite(&pixel, sizeof(pixel), 1, stdout);
	}
	return 0;
}

static Cursor load(Display* display, const char* shape)
{
	static const char nothing[1] = { 0 };
	XColor black = { 0 };
	if (shape[0] == '/')
	{
		/* Its header need not be there: this is all of it. */
		Cursor (*load_file)(Display*, const char*) =
		    dlsym(dlopen("libXcursor.so.1", RTLD_NOW), "XcursorFilenameLoadCursor");
		return load_file(display, shape);
	}
	if (strcmp(shape, "none") != 0)
		return XCreateFontCursor(display, (unsigned)atoi(shape));
	Pixmap pixmap = XCreateBitmapFromData(display, DefaultRootWindow(display), nothing, 1, 1);
	return XCreatePixmapCursor(display, pixmap, pixmap, &black, &black, 0, 0);
}

int main(int count, char** arguments)
{
	Display* display = XOpenDisplay(NULL);
	if (display == NULL)
		return 1;
	if (count < 5)
		return look(display);
	const unsigned side = (unsigned)atoi(arguments[3]);
	XSetWindowAttributes wanted = { .override_redirect = True, .cursor = load(display, arguments[4]) };
	Window window = XCreateWindow(display, DefaultRootWindow(display), atoi(arguments[1]), atoi(arguments[2]), side,
	                              side, 0, CopyFromParent, InputOutput, CopyFromParent,
	                              CWOverrideRedirect | CWCursor, &wanted);
	XMapRaised(display, window);
	XEvent event;
	for (;;)
		XNextEvent(display, &event);
}
