import yazl from "yazl";

/** A function's code: texts by name; `bootstrap` may be executed. */
export function zipOf(files: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const file = new yazl.ZipFile();
  for (const [name, text] of Object.entries(files)) {
    file.addBuffer(Buffer.from(text), name, { mode: name === "bootstrap" ? 0o100755 : 0o100644 });
  }
  file.end();
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    file.outputStream
      .on("data", (part: Buffer) => parts.push(part))
      .on("end", () => resolve(new Uint8Array(Buffer.concat(parts))))
      .on("error", reject);
  });
}
