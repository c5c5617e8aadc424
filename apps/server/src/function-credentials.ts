import type { Auth } from "@hearth/auth";
import { InternalError, parseArn } from "@hearth/base";
import type { RoleCredentials } from "@hearth/functions";

/** Lets a function act as its execution role, in sessions that bear the function's name as AWS's do. */
export function functionCredentials({ assumeRoleForService }: Pick<Auth, "assumeRoleForService">): RoleCredentials {
  return async (roleArn, functionArn) => {
    const { accountId: sourceAccount, resource } = parseArn(functionArn) ?? {};
    if (!sourceAccount || !resource) throw new InternalError(`not the ARN of a function: ${functionArn}`);
    const sessionName = resource.slice(resource.indexOf(":") + 1);
    const role = await assumeRoleForService({
      ...{ roleArn, service: "lambda.amazonaws.com", sourceAccount, sourceArn: functionArn, sessionName },
    });
    return role.credentials();
  };
}
