import { type Auth, presignObjectUrl } from "@hearth/auth";
import type { Clock } from "@hearth/base";
import type { AssumeObjectRole } from "@hearth/stand-ins";

/** Roles that accounts gave to services for their objects. `origin`: by which devices reach this installation. */
export const objectRoles =
  (deps: {
    auth: () => Pick<Auth, "assumeRoleForService">;
    clock: Pick<Clock, "now">;
    region: string;
    origin: () => string;
  }): AssumeObjectRole =>
  async ({ roleArn, service, accountId, sourceArn }) => {
    const role = await deps.auth().assumeRoleForService({ roleArn, service, sourceAccount: accountId, sourceArn });
    return {
      authorize: (action, resource, context, owned) => role.authorize(action, resource, context, owned),
      presign: (path, query, seconds) =>
        presignObjectUrl({ origin: deps.origin(), path, query }, role.credentials(), {
          region: deps.region,
          now: deps.clock.now(),
          seconds,
        }),
    };
  };
