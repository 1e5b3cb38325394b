/** The most files one drop or choice may bring; an archive is better for more. */
export const MAX_DROPPED_FILES = 2000;
/** The deepest folder that is followed. */
const MAX_DEPTH = 32;

/** A file to upload, and the folders it stands in, relative to where it is dropped. */
export interface DroppedFile {
  /** Null for a folder that holds nothing. */
  readonly file: File | null;
  /** `photos/2026/a.jpg`: parts joined by `/`, the name last. */
  readonly relativePath: string;
}

/** The files of a drop, folders followed. Answers null when there are more than `MAX_DROPPED_FILES`. */
export async function readDrop(transfer: DataTransfer): Promise<DroppedFile[] | null> {
  // Entries must be taken before the first await: the browser empties the transfer after the event.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  const files: DroppedFile[] = [];
  for (const entry of entries) {
    if (entry !== null && !(await readEntry(entry, "", 0, files))) return null;
  }
  return files;
}

/** The files of a file field, with their folders when it was a choice of folders. */
export function readChosen(list: FileList): DroppedFile[] | null {
  if (list.length > MAX_DROPPED_FILES) return null;
  return [...list].map((file) => ({
    file,
    relativePath: file.webkitRelativePath === "" ? file.name : file.webkitRelativePath,
  }));
}

async function readEntry(
  entry: FileSystemEntry,
  folder: string,
  depth: number,
  files: DroppedFile[],
): Promise<boolean> {
  if (files.length >= MAX_DROPPED_FILES || depth > MAX_DEPTH) return false;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    files.push({ file, relativePath: `${folder}${entry.name}` });
    return true;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (let isEmpty = true; ; isEmpty = false) {
    // A reader gives a folder in pieces, an empty one at the end.
    const piece = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (piece.length === 0) {
      if (isEmpty) files.push({ file: null, relativePath: `${folder}${entry.name}` });
      return true;
    }
    for (const child of piece)
      if (!(await readEntry(child, `${folder}${entry.name}/`, depth + 1, files))) return false;
  }
}
