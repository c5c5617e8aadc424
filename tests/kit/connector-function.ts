import { CreateRoleCommand } from "@aws-sdk/client-iam";
import yazl from "yazl";
import type { TestPlatform } from "./platform.ts";
import { policyOf } from "./vendor-secret.ts";

/**
 * Deploys a connector's function through the Lambda door, for the platform to call.
 *
 * @param source an ES module that exports `handler`
 * @returns the function's ARN
 */
export async function deployConnector(
  platform: TestPlatform,
  source: string,
  Variables: Record<string, string> = {},
): Promise<string> {
  const { iam, lambda } = platform.clients();
  const trust = { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" };
  const role = { RoleName: "connector", AssumeRolePolicyDocument: policyOf(trust) };
  const { Role } = await iam.send(new CreateRoleCommand(role));
  const { FunctionArn = "" } = await lambda.send("CreateFunction", {
    ...{ FunctionName: "connector", Role: Role?.Arn ?? "", Runtime: "nodejs20.x", Handler: "index.handler" },
    Code: { ZipFile: await zipped(source) },
    Environment: { Variables },
  });
  await lambda.send("AddPermission", {
    ...{ FunctionName: "connector", StatementId: "platform", Action: "lambda:InvokeFunction" },
    Principal: "iotmanagedintegrations.amazonaws.com",
    SourceAccount: platform.file.accountId,
  });
  return FunctionArn;
}

function zipped(text: string): Promise<Uint8Array> {
  const file = new yazl.ZipFile();
  file.addBuffer(Buffer.from(text), "index.mjs");
  file.end();
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    file.outputStream
      .on("data", (part: Buffer) => parts.push(part))
      .on("end", () => resolve(new Uint8Array(Buffer.concat(parts))))
      .on("error", reject);
  });
}
