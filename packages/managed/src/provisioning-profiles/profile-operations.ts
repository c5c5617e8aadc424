import { type Database, onConflictAgain, UniqueViolation, type Write } from "@hearth/backplane";
import { randomHex } from "@hearth/base";
import {
  type ManagedIntegrationsOperations,
  type OperationTable,
  type RequestContext,
  ServiceError,
} from "@hearth/contract";
import { conflict, invalid, notFound } from "../errors.ts";
import type { Idempotently } from "../idempotently.ts";
import { afterToken, DEFAULT_PAGE, pageOf } from "../paging.ts";
import { checkTags } from "../tags/tag-rules.ts";
import type { TagConditions } from "../tags/taggable.ts";
import { claimPolicy, deviceTemplate } from "./device-template.ts";
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
}

const profileArn = (profile: Pick<ProvisioningProfile, "accountId" | "region" | "id">): string =>
  `arn:aws:iotmanagedintegrations:${profile.region}:${profile.accountId}:provisioning-profile/${profile.id}`;

const shown = (profile: ProvisioningProfile) => ({
  Arn: profileArn(profile),
  Name: profile.name,
  ProvisioningType: profile.provisioningType,
  Id: profile.id,
});

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
          if (input.ProvisioningType !== "FLEET_PROVISIONING") {
            throw new ServiceError("NotImplementedException", "ProvisioningType JITR is not implemented.");
          }
          if (input.CaCertificate !== undefined) throw invalid("CaCertificate goes with ProvisioningType JITR only.");
          const id = randomHex(16);
          const name = input.Name ?? `profile-${id.slice(0, 16)}`;
          const claim = await iot.createClaim({
            accountId: request.accountId,
            region: request.region,
            templateName: name,
            templateBody: deviceTemplate(request),
            hook: PROVISIONING_HOOK,
            policyDocument: claimPolicy(request, name),
            certificatePem: input.ClaimCertificate,
          });
          const profile: ProvisioningProfile = {
            accountId: request.accountId,
            region: request.region,
            id,
            name,
            provisioningType: "FLEET_PROVISIONING",
            claimCertificateId: claim.certificateId,
            claimCertificatePem: claim.certificatePem,
            tags: input.Tags,
            createdAt: request.now,
          };
          const answer = {
            ...shown(profile),
            Status: "CREATED" as const,
            ClaimCertificate: claim.certificatePem,
            ClaimCertificatePrivateKey: claim.privateKey,
          };
          try {
            await database.commit([...claim.writes, await profiles.insert(profile), ...remember(answer)]);
          } catch (error) {
            if (error instanceof UniqueViolation) {
              throw conflict(`A provisioning profile or template named ${name} exists, or its certificate is in use.`);
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
          ClaimCertificate: profile.claimCertificatePem,
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
          const claim = await iot.removeClaim({
            accountId: request.accountId,
            region: request.region,
            templateName: profile.name,
            certificateId: profile.claimCertificateId,
          });
          await database.commit([profiles.remove(profile), ...claim.writes]);
          claim.closed();
          return {};
        }),
    },
  } satisfies OperationTable<ManagedIntegrationsOperations>;
}
