import { CreateRoleCommand } from "@aws-sdk/client-iam";
import type { TestPlatform } from "./platform.ts";
import { policyOf } from "./vendor-secret.ts";
import { zipOf } from "./zip.ts";

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
    Code: { ZipFile: await zipOf({ "index.mjs": source }) },
    Environment: { Variables },
  });
  await lambda.send("AddPermission", {
    ...{ FunctionName: "connector", StatementId: "platform", Action: "lambda:InvokeFunction" },
    Principal: "iotmanagedintegrations.amazonaws.com",
    SourceAccount: platform.file.accountId,
  });
  return FunctionArn;
}
