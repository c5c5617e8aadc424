import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/**
 * Reads, per operation, the errors that it can raise out of the SDK package's type declarations: the schemas know
 * the error structures, but only the `@throws` tags of a command tie them to an operation.
 */
export function createDeclaredErrors(sdk: string): (operation: string) => string[] {
  const main = createRequire(import.meta.url).resolve(sdk);
  const commands = join(dirname(dirname(main)), "dist-types", "commands");
  return (operation) => {
    const text = readFileSync(join(commands, `${operation}Command.d.ts`), "utf8");
    const names = [...text.matchAll(/@throws \{@link (\w+)\} \((?:client|server) fault\)/g)].map((match) => match[1]!);
    return [...new Set(names)].sort();
  };
}
