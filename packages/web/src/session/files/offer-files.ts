import { listFiles, removeFile } from "@poterne/contract";
import { type ApiFailure, toApiFailure } from "../../api/api-failure.ts";
import { call } from "../../api/call.ts";
import { joinPath } from "./paths.ts";
import { sendUpload } from "./upload-request.ts";

/** The folder of an RDP session whose files the machine may paste (decision 0098). */
const CLIPBOARD_FOLDER = "/Clipboard";

/** Offers files to the machine in place of those offered before; answers what went wrong, null when nothing did. */
export async function offerFiles(sessionId: string, files: readonly File[]): Promise<ApiFailure | null> {
  try {
    await takeBack(sessionId);
    for (const file of files) {
      const path = joinPath(CLIPBOARD_FOLDER, file.name);
      const { signal } = new AbortController();
      await sendUpload({ sessionId, path, file, offset: 0, signal, onProgress: () => {} });
    }
    return null;
  } catch (error) {
    return toApiFailure(error);
  }
}

/** What the machine itself has copied cannot be removed, and stays. */
async function takeBack(sessionId: string): Promise<void> {
  const params = { sessionId };
  const { entries } = await call(listFiles, { params, query: { path: CLIPBOARD_FOLDER } });
  for (const { name } of entries) {
    const query = { path: joinPath(CLIPBOARD_FOLDER, name) };
    await call(removeFile, { params, query }).catch(() => undefined);
  }
}
