import type { DeviceDirectory } from "@hearth/auth";
import type { Bus, Database, Sealer } from "@hearth/backplane";
import type { Clock, Logger } from "@hearth/base";
import type { IotDataOperations, IotOperations, OperationTable } from "@hearth/contract";
import { type CertificateAuthority, createCertificateAuthority } from "./credentials/certificate-authority.ts";
import { createCertificateOperations } from "./credentials/certificate-operations.ts";
import { type Certificates, createCertificates } from "./credentials/certificates.ts";
import { createDirectory } from "./credentials/directory.ts";
import { createKeyPairs } from "./credentials/key-pairs.ts";
import { createPolicies, type Policies } from "./credentials/policies.ts";
import { createPolicyOperations } from "./credentials/policy-operations.ts";
import type { ReservedTopic } from "./messaging/message.ts";
import { createPublishOperations } from "./messaging/publish-operations.ts";
import type { Router } from "./messaging/router.ts";
import { createDeviceRemoval } from "./provisioning/device-removal.ts";
import { createThingOperations } from "./registry/thing-operations.ts";
import { createThings, type Things } from "./registry/things.ts";
import { createShadowOperations } from "./shadows/shadow-operations.ts";
import { createShadowTopics } from "./shadows/shadow-topics.ts";
import { createShadows, type Shadows } from "./shadows/shadows.ts";

export interface IotDeps {
  database: Database;
  sealer: Sealer;
  bus: Bus;
  clock: Clock;
  log: Logger;
  /** The installation's own account and region, where its device CA is entered. */
  accountId: string;
  region: string;
  /** Host name, without a port, that DescribeEndpoint hands out. */
  publicHost: string;
  /** Made of this room's reserved topics, so it is called only once requests come in. */
  router: Pick<Router, "publish" | "send">;
}

export interface IotRoom {
  operations: { iot: OperationTable<IotOperations>; "iot-data": OperationTable<IotDataOperations> };
  reservedTopics: ReservedTopic[];
  directory: DeviceDirectory;
  authority: CertificateAuthority;
  things: Things;
  certificates: Certificates;
  policies: Policies;
  shadows: Shadows;
  forgetDevice: ReturnType<typeof createDeviceRemoval>;
}

/** The room of IoT Core: its nouns, wired to each other and to what is beneath. */
export function createIot(deps: IotDeps): IotRoom {
  const { database, bus, router } = deps;
  // First of all subscribers: who hears of a change may ask the directory at once.
  const directory = createDirectory({ database, bus });
  const authority = createCertificateAuthority({ ...deps, at: { accountId: deps.accountId, region: deps.region } });
  const certificates = createCertificates({ ...deps, authority, createKeyPair: createKeyPairs() });
  const policies = createPolicies(deps);
  const things = createThings(deps);
  const shadows = createShadows(deps);

  return {
    operations: {
      iot: {
        ...createThingOperations({ things }),
        ...createCertificateOperations({ certificates, publicHost: deps.publicHost }),
        ...createPolicyOperations({ policies }),
      },
      "iot-data": {
        ...createShadowOperations({ shadows, clock: deps.clock, publish: (messages, by) => router.send(messages, by) }),
        ...createPublishOperations({ router }),
      },
    },
    reservedTopics: createShadowTopics({ ...deps, shadows }),
    directory,
    authority,
    things,
    certificates,
    policies,
    shadows,
    forgetDevice: createDeviceRemoval({ things, certificates, shadows }),
  };
}
