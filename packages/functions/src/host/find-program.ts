import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The first that may be executed in the directories of `searchPath`, which are written as in PATH. */
export const findProgram = (name: string, searchPath: string): string | undefined =>
  searchPath
    .split(delimiter)
    .map((directory) => join(directory, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
