/* A test peer on FreeRDP 2's clipboard. Argument: what to do; standard input: the data; the answer on standard output.
 * html-in: text/html to "HTML Format". html-out: the other way. files: names and sizes of a CLIPRDR_FILELIST. */
#include <freerdp/client/cliprdr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <winpr/clipboard.h>
#include <winpr/string.h>

static int files(const BYTE* data, UINT32 length)
{
	FILEDESCRIPTORW* list = NULL;
	UINT32 count = 0;
	if (cliprdr_parse_file_list(data, length, &list, &count) != 0)
		return 2;
	for (UINT32 index = 0; index < count; index++)
	{
		char* name = NULL;
		ConvertFromUnicode(CP_UTF8, 0, list[index].cFileName, -1, &name, 0, NULL, NULL);
		printf("%s\t%lu\t%d\n", name,
		       ((unsigned long)list[index].nFileSizeHigh << 32) | list[index].nFileSizeLow,
		       (list[index].dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0);
		free(name);
	}
	return 0;
}

int main(int argc, char** argv)
{
	static BYTE data[1 << 20];
	UINT32 length = (UINT32)fread(data, 1, sizeof(data), stdin);
	if (argc > 1 && strcmp(argv[1], "files") == 0)
		return files(data, length);
	const BOOL isIn = argc > 1 && strcmp(argv[1], "html-in") == 0;
	wClipboard* clipboard = ClipboardCreate();
	const UINT32 from = ClipboardRegisterFormat(clipboard, isIn ? "text/html" : "HTML Format");
	const UINT32 to = ClipboardRegisterFormat(clipboard, isIn ? "HTML Format" : "text/html");
	UINT32 size = 0;
	if (!ClipboardSetData(clipboard, from, data, length))
		return 2;
	void* answer = ClipboardGetData(clipboard, to, &size);
	if (answer == NULL)
		return 3;
	fwrite(answer, 1, size, stdout);
	return 0;
}
