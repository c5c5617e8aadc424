import { type Database, onConflictAgain, UniqueViolation, type Write } from "@hearth/backplane";
import { randomHex } from "@hearth/base";
import type {
  ManagedIntegrations,
  ManagedIntegrationsOperations,
  OperationTable,
  RequestContext,
} from "@hearth/contract";
import { conflict, invalid, notFound } from "../errors.ts";
import type { Idempotently } from "../idempotently.ts";
import { afterToken, DEFAULT_PAGE, pageOf } from "../paging.ts";
import { checkTags } from "../tags/tag-rules.ts";
import type { TagConditions } from "../tags/taggable.ts";
import { claimPolicy, deviceTemplate, signedDeviceTemplate } from "./device-template.ts";
import type { ProfileStore, ProvisioningProfile } from "./profile-store.ts";
import { PROVISIONING_HOOK } from "./provisioning-hook.ts";

/** What a provisioning profile is made of in IoT Core; `iot` supplies it. */
export interface ProvisioningRoom {
  /**
   * A claim certificate that is ACTIVE and carries only `policyDocument`, and a fleet-provisioning template that admits
   * this certificate alone. All in the returned writes.
   */
  createClaim(claim: {
    accountId: string;
    region: string;
    templateName: string;
    templateBody: string;
    hook: string;
    policyDocument: string;
    /** The caller's own claim certificate; absent: a new one with its key. */
    certificatePem?: string;
  }): Promise<{ certificateId: string; certificatePem: string; privateKey?: string; writes: readonly Write[] }>;
  /** Takes all that `createClaim` made away; `closed` runs after the commit and ends its connections. */
  removeClaim(claim: {
    accountId: string;
    region: string;
    templateName: string;
    certificateId: string;
  }): Promise<{ writes: readonly Write[]; closed: () => void }>;
  /** An ACTIVE CA that registers the certificates it has signed, and a template that admits those. Throws `ValidationException`. */
  createCaClaim(claim: {
    accountId: string;
    region: string;
    templateName: string;
    templateBody: string;
    hook: string;
    caCertificatePem: string;
  }): { caCertificateId: string; writes: readonly Write[] };
  removeCaClaim(claim: {
    accountId: string;
    region: string;
    templateName: string;
    caCertificateId: string;
  }): Promise<readonly Write[]>;
}

const profileArn = (profile: Pick<ProvisioningProfile, "accountId" | "region" | "id">): string =>
  `arn:aws:iotmanagedintegrations:${profile.region}:${profile.accountId}:provisioning-profile/${profile.id}`;

const shown = (profile: ProvisioningProfile) => ({
  Arn: profileArn(profile),
  Name: profile.name,
  ProvisioningType: profile.provisioningType,
  Id: profile.id,
});

interface Made {
  profile: ProvisioningProfile;
  privateKey?: string;
  writes: readonly Write[];
}

/** Provisioning profiles: what a device needs to come by claim (reference 3.3). */
export function profileOperations(deps: {
  database: Database;
  profiles: ProfileStore;
  idempotently: Idempotently;
  iot: ProvisioningRoom;
  tagConditions: TagConditions;
}) {
  const { database, profiles, idempotently, iot, tagConditions } = deps;

  const existing = async (request: RequestContext, id: string): Promise<ProvisioningProfile> => {
    const profile = await profiles.get(request, id);
    if (!profile) throw notFound("ProvisioningProfile", id, "Provisioning profile not found.");
    return profile;
  };
  const arn = (input: { Identifier: string }, request: RequestContext) => [
    profileArn({ accountId: request.accountId, region: request.region, id: input.Identifier }),
  ];
  /** The new profile, with the writes of all that it consists of besides. */
  async function made(
    input: ManagedIntegrations.CreateProvisioningProfileRequest,
    request: RequestContext,
  ): Promise<Made> {
    const { accountId, region } = request;
    const id = randomHex(16);
    const name = input.Name ?? `profile-${id.slice(0, 16)}`;
    const profile = {
      ...{ accountId, region, id, name, tags: input.Tags },
      provisioningType: input.ProvisioningType,
      createdAt: request.now,
    };
    const template = { accountId, region, templateName: name, hook: PROVISIONING_HOOK };
    if (input.ProvisioningType === "JITR") {
      if (input.CaCertificate === undefined) throw invalid("ProvisioningType JITR needs CaCertificate.");
      if (input.ClaimCertificate !== undefined) throw invalid("ClaimCertificate does not go with JITR.");
      const { caCertificateId, writes } = iot.createCaClaim({
        ...template,
        templateBody: signedDeviceTemplate(request),
        caCertificatePem: input.CaCertificate,
      });
      return { profile: { ...profile, caCertificateId }, writes };
    }
    if (input.CaCertificate !== undefined) throw invalid("CaCertificate goes with ProvisioningType JITR only.");
    const { writes, privateKey, certificateId, certificatePem } = await iot.createClaim({
      ...template,
      templateBody: deviceTemplate(request),
      policyDocument: claimPolicy(request, name),
      certificatePem: input.ClaimCertificate,
    });
    return { profile: { ...profile, claim: { certificateId, certificatePem } }, privateKey, writes };
  }

  /** The writes that take away what `made` has made besides the profile. */
  async function unmade({ accountId, region, name, claim, caCertificateId }: ProvisioningProfile) {
    const template = { accountId, region, templateName: name };
    if (claim) return iot.removeClaim({ ...template, certificateId: claim.certificateId });
    const writes = await iot.removeCaClaim({ ...template, caCertificateId: caCertificateId ?? "" });
    return { writes, closed: () => undefined };
  }

  const ofProfile = tagConditions.resource("provisioning-profile", (input: { Identifier: string }) => input.Identifier);

  return {
    CreateProvisioningProfile: {
      resources: (_input, request) => [
        `arn:aws:iotmanagedintegrations:${request.region}:${request.accountId}:provisioning-profile/*`,
      ],
      conditions: (input) => tagConditions.request(input.Tags),
      handle: (input, request) =>
        idempotently("CreateProvisioningProfile", input, request, async (remember) => {
          checkTags(input.Tags, "ValidationException");
          const { profile, privateKey, writes } = await made(input, request);
          const answer = {
            ...shown(profile),
            Status: "CREATED" as const,
            ClaimCertificate: profile.claim?.certificatePem,
            ClaimCertificatePrivateKey: privateKey,
          };
          try {
            await database.commit([...writes, await profiles.insert(profile), ...remember(answer)]);
          } catch (error) {
            if (error instanceof UniqueViolation) {
              throw conflict(
                `A provisioning profile or template named ${profile.name} exists, or its certificate is in use.`,
              );
            }
            throw error;
          }
          return answer;
        }),
    },

    GetProvisioningProfile: {
      resources: arn,
      conditions: ofProfile,
      async handle(input, request) {
        const profile = await existing(request, input.Identifier);
        return {
          ...shown(profile),
          Status: "CREATED" as const,
          ClaimCertificate: profile.claim?.certificatePem,
          Tags: profile.tags,
        };
      },
    },

    ListProvisioningProfiles: {
      async handle(input, request) {
        const size = input.MaxResults ?? DEFAULT_PAGE;
        const rows = await profiles.list(request, afterToken(input.NextToken), size + 1);
        const { items, nextToken } = pageOf(rows, size, (row) => row.id);
        return { Items: items.map(shown), NextToken: nextToken };
      },
    },

    DeleteProvisioningProfile: {
      resources: arn,
      conditions: ofProfile,
      handle: (input, request) =>
        onConflictAgain(async () => {
          const profile = await existing(request, input.Identifier);
          const rest = await unmade(profile);
          await database.commit([profiles.remove(profile), ...rest.writes]);
          rest.closed();
          return {};
        }),
    },
  } satisfies OperationTable<ManagedIntegrationsOperations>;
}
