import { createHash } from "node:crypto";
import yazl from "yazl";
import type { DeployedFunction } from "./host/deployed-function.ts";

/** Entries by name; `bootstrap` may be executed. */
export function zipOf(files: Readonly<Record<string, string | Buffer>>): Promise<Uint8Array> {
  const file = new yazl.ZipFile();
  for (const [name, content] of Object.entries(files)) {
    file.addBuffer(Buffer.from(content), name, { mode: name === "bootstrap" ? 0o100755 : 0o100644 });
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

/** A function as the host takes it. */
export async function functionOf(
  name: string,
  files: Readonly<Record<string, string>>,
  more: Partial<DeployedFunction> = {},
): Promise<DeployedFunction> {
  const zip = await zipOf(files);
  return {
    accountId: "000000000000",
    region: "us-east-1",
    name,
    arn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
    generation: "1",
    runtime: "bootstrap" in files ? "provided.al2023" : "nodejs20.x",
    handler: "index.handler",
    roleArn: "arn:aws:iam::000000000000:role/test",
    timeoutSeconds: 60,
    memoryMb: 128,
    logGroup: `/aws/lambda/${name}`,
    codeSha256: createHash("sha256").update(zip).digest("hex"),
    code: async () => zip,
    variables: () => ({}),
    ...more,
  };
}
