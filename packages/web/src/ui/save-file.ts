/** Lets the browser save a text as a file. */
export function saveText(fileName: string, text: string, mediaType = "text/plain"): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${mediaType};charset=utf-8` }));
  saveUrl(url, fileName);
  URL.revokeObjectURL(url);
}

/** Lets the browser save what an address of our own answers. */
export function saveUrl(url: string, fileName = ""): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = fileName;
  link.click();
}
