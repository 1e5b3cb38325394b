import { Group } from "@mantine/core";
import { useSessionTexts } from "../use-texts.ts";
import { pathTrail } from "./paths.ts";

/** The folders down to the one shown; each is a way back. */
export function PathTrail({ path, onGo }: { readonly path: string; readonly onGo: (path: string) => void }) {
  const { files } = useSessionTexts();
  const trail = pathTrail(path);
  return (
    <nav aria-label={files.path}>
      <Group gap={4}>
        {trail.map((folder, index) => (
          <button
            key={folder.path}
            type="button"
            className="session-file-name"
            aria-current={index === trail.length - 1 ? "location" : undefined}
            onClick={() => onGo(folder.path)}
          >
            {index > 1 && <span aria-hidden>/</span>}
            {folder.name}
          </button>
        ))}
      </Group>
    </nav>
  );
}
