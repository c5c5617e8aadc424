import type { IotOperations, OperationTable, RequestContext } from "@hearth/contract";
import { ServiceError } from "@hearth/contract";
import { certificateArn, principalCertificateId } from "../credentials/certificate.ts";
import { decodeToken } from "../storage/page.ts";
import { type Thing, thingArn } from "./thing.ts";
import type { Things } from "./things.ts";

/** The registry's API operations (reference 5). ARNs to be authorized: AWS, Service Authorization Reference, AWS IoT. */
export interface ThingOperationsDeps {
  things: Things;
}

const PAGE = 25;

const onThing = (input: { thingName: string }, request: RequestContext): string[] => [
  thingArn(request, input.thingName),
];

/** Thing types and billing groups are not built, so none exists that could be named. */
function refuseUnbuilt(input: { thingTypeName?: string; billingGroupName?: string }): void {
  if (input.thingTypeName !== undefined) {
    throw new ServiceError("ResourceNotFoundException", `Thing type ${input.thingTypeName} not found`);
  }
  if (input.billingGroupName !== undefined) {
    throw new ServiceError("ResourceNotFoundException", `Billing group ${input.billingGroupName} not found`);
  }
}

export function createThingOperations({ things }: ThingOperationsDeps) {
  return {
    CreateThing: {
      resources: onThing,
      handle: async (input, request) => {
        refuseUnbuilt(input);
        const thing = await things.create(request, {
          thingName: input.thingName,
          attributes: input.attributePayload?.attributes,
        });
        return {
          thingName: thing.thingName,
          thingArn: thingArn(request, thing.thingName),
          thingId: thing.thingId,
        };
      },
    },

    DescribeThing: {
      resources: onThing,
      handle: async (input, request) => {
        const thing = await things.get(request, input.thingName);
        return {
          defaultClientId: thing.thingName,
          thingId: thing.thingId,
          ...listed(thing, request),
        };
      },
    },

    ListThings: {
      handle: async (input, request) => {
        if (input.attributeValue !== undefined && input.attributeName === undefined) {
          throw new ServiceError("InvalidRequestException", "attributeValue needs attributeName");
        }
        // No thing has a type.
        if (input.thingTypeName !== undefined) return { things: [] };
        const [after] = decodeToken(input.nextToken) ?? [];
        const filter = {
          attributeName: input.attributeName,
          attributeValue: input.attributeValue,
          prefix: input.usePrefixAttributeValue,
        };
        const page = await things.list(request, filter, after, input.maxResults ?? PAGE);
        return { things: page.rows.map((thing) => listed(thing, request)), nextToken: page.nextToken };
      },
    },

    UpdateThing: {
      resources: onThing,
      handle: async (input, request) => {
        if (input.removeThingType && input.thingTypeName !== undefined) {
          throw new ServiceError("InvalidRequestException", "removeThingType excludes thingTypeName");
        }
        await things.get(request, input.thingName);
        refuseUnbuilt(input);
        await things.update(request, input.thingName, {
          attributes: input.attributePayload?.attributes,
          merge: input.attributePayload?.merge,
          expectedVersion: input.expectedVersion,
        });
        return {};
      },
    },

    DeleteThing: {
      resources: onThing,
      handle: async (input, request) => {
        await things.remove(request, input.thingName, input.expectedVersion);
        return {};
      },
    },

    AttachThingPrincipal: {
      handle: async (input, request) => {
        const certificateId = principalCertificateId(request, input.principal);
        const type = input.thingPrincipalType ?? "NON_EXCLUSIVE_THING";
        await things.attach(request, input.thingName, certificateId, type);
        return {};
      },
    },

    DetachThingPrincipal: {
      handle: async (input, request) => {
        await things.detach(request, input.thingName, principalCertificateId(request, input.principal));
        return {};
      },
    },

    ListThingPrincipals: {
      resources: onThing,
      handle: async (input, request) => {
        const page = await things.principals(request, input.thingName, pageOf(input));
        return {
          principals: page.rows.map((row) => certificateArn(request, row.certificateId)),
          nextToken: page.nextToken,
        };
      },
    },

    ListThingPrincipalsV2: {
      resources: onThing,
      handle: async (input, request) => {
        const page = await things.principals(request, input.thingName, {
          ...pageOf(input),
          principalType: input.thingPrincipalType,
        });
        return {
          thingPrincipalObjects: page.rows.map((row) => ({
            principal: certificateArn(request, row.certificateId),
            thingPrincipalType: row.principalType,
          })),
          nextToken: page.nextToken,
        };
      },
    },

    ListPrincipalThings: {
      handle: async (input, request) => {
        const certificateId = principalCertificateId(request, input.principal);
        const page = await things.thingsOf(request, certificateId, pageOf(input));
        return { things: page.rows.map((row) => row.thingName), nextToken: page.nextToken };
      },
    },

    ListPrincipalThingsV2: {
      handle: async (input, request) => {
        const certificateId = principalCertificateId(request, input.principal);
        const page = await things.thingsOf(request, certificateId, {
          ...pageOf(input),
          principalType: input.thingPrincipalType,
        });
        return {
          principalThingObjects: page.rows.map((row) => ({
            thingName: row.thingName,
            thingPrincipalType: row.principalType,
          })),
          nextToken: page.nextToken,
        };
      },
    },
  } satisfies OperationTable<IotOperations>;
}

const listed = (thing: Thing, request: RequestContext) => ({
  thingName: thing.thingName,
  thingArn: thingArn(request, thing.thingName),
  attributes: thing.attributes,
  version: thing.version,
});

const pageOf = (input: { nextToken?: string; maxResults?: number }) => ({
  after: decodeToken(input.nextToken)?.[0],
  limit: input.maxResults ?? PAGE,
});
