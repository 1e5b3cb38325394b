/** A folder's path with a name added. */
export function joinPath(folder: string, name: string): string {
  return folder === "/" ? `/${name}` : `${folder}/${name}`;
}

/** The folder above; the root's is itself. */
export function parentPath(path: string): string {
  const cut = path.lastIndexOf("/");
  return cut <= 0 ? "/" : path.slice(0, cut);
}

/** The folders from the root down to a path, each with its name and full path. */
export function pathTrail(path: string): { readonly name: string; readonly path: string }[] {
  const trail = [{ name: "/", path: "/" }];
  for (const name of path.split("/").filter((part) => part !== ""))
    trail.push({ name, path: joinPath(trail.at(-1)?.path ?? "/", name) });
  return trail;
}

/** Permission bits as `ls` writes them: `rwxr-x---`. */
export function writeMode(mode: number): string {
  const letters = "rwxrwxrwx";
  let text = "";
  for (let bit = 8; bit >= 0; bit--) text += (mode & (1 << bit)) === 0 ? "-" : (letters[8 - bit] ?? "-");
  return text;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const FORBIDDEN_IN_NAME = /[/\u0000-\u001f\u007f]/;

/** Whether a name may be given to a file on the target: one part of a path, without control characters. */
export function isFileName(name: string): boolean {
  const isPart = name !== "" && name !== "." && name !== ".." && name.length <= 255;
  return isPart && !FORBIDDEN_IN_NAME.test(name);
}
