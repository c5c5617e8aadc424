import { type Database, WriteConflict } from "@hearth/backplane";
import { type HearthOperations, type OperationTable, type RequestContext, ServiceError } from "@hearth/contract";
import { checkedReport } from "../capabilities/checked-report.ts";
import { afterToken, DEFAULT_PAGE, pageOf } from "../paging.ts";
import type { Place } from "../place.ts";
import type { SchemaSets } from "../schemas/schema-sets.ts";
import type { DeviceProfile, DeviceProfileStore } from "./device-profile-store.ts";

const missing = (productCode: string) =>
  new ServiceError("ResourceNotFoundException", `There is no device profile of ${productCode}.`);

const profileArn = ({ accountId, region }: Place, productCode: string): string =>
  `arn:aws:hearth:${region}:${accountId}:device-profile/${productCode}`;

const shown = ({ details, createdAt, updatedAt }: DeviceProfile) => ({
  ProductCode: details.productCode,
  AdvertisedProductId: details.advertisedProductId,
  Brand: details.brand,
  Model: details.model,
  Classification: details.classification,
  CreatedAt: createdAt / 1000,
  UpdatedAt: updatedAt / 1000,
});

/**
 * The account's catalogue of products, which the model of managed integrations has no operation for (reference U4): a
 * managed thing whose label names a product gets what it does not say itself from the product's profile.
 */
export function deviceProfileOperations(deps: {
  database: Database;
  deviceProfiles: DeviceProfileStore;
  schemaSets: SchemaSets;
}) {
  const { database, deviceProfiles, schemaSets } = deps;
  const resources = (input: { ProductCode: string }, request: RequestContext) => [
    profileArn(request, input.ProductCode),
  ];

  return {
    PutDeviceProfile: {
      resources,
      async handle(input, request) {
        const details = {
          productCode: input.ProductCode,
          advertisedProductId: input.AdvertisedProductId,
          brand: input.Brand,
          model: input.Model,
          classification: input.Classification,
          capabilityReport: checkedReport(input.CapabilityReport, await schemaSets.ofAccount(request)),
        };
        await database.commit([await deviceProfiles.put(request, details, request.now)]);
        return { Arn: profileArn(request, input.ProductCode) };
      },
    },

    GetDeviceProfile: {
      resources,
      async handle(input, request) {
        const profile = await deviceProfiles.get(request, input.ProductCode);
        if (!profile) throw missing(input.ProductCode);
        const report = profile.details.capabilityReport;
        return { ...shown(profile), CapabilityReport: report === undefined ? undefined : JSON.parse(report) };
      },
    },

    ListDeviceProfiles: {
      async handle(input, request) {
        const size = input.MaxResults ?? DEFAULT_PAGE;
        const rows = await deviceProfiles.list(request, afterToken(input.NextToken), size + 1);
        const { items, nextToken } = pageOf(rows, size, ({ key }) => key);
        return { Items: items.map(({ profile }) => shown(profile)), NextToken: nextToken };
      },
    },

    DeleteDeviceProfile: {
      resources,
      async handle(input, request) {
        try {
          await database.commit([deviceProfiles.remove(request, input.ProductCode)]);
        } catch (error) {
          if (error instanceof WriteConflict) throw missing(input.ProductCode);
          throw error;
        }
        return {};
      },
    },
  } satisfies OperationTable<HearthOperations>;
}
