import type { ConstraintTable } from "./table.ts";

/** What the SDK's schemas leave out: limits of simple shapes, kinds of numbers, and where they apply. */
export const kmsConstraints: ConstraintTable = {
  shapes: {
    Integer: { type: "integer" },
  },
  uses: {
    DescribeCustomKeyStoresRequest: { Limit: "Integer" },
    EnableKeyRotationRequest: { RotationPeriodInDays: "Integer" },
    GenerateDataKeyRequest: { NumberOfBytes: "Integer" },
    GenerateDataKeyWithoutPlaintextRequest: { NumberOfBytes: "Integer" },
    GenerateRandomRequest: { NumberOfBytes: "Integer" },
    GetKeyRotationStatusResponse: { RotationPeriodInDays: "Integer" },
    KeyMetadata: { PendingDeletionWindowInDays: "Integer" },
    ListAliasesRequest: { Limit: "Integer" },
    ListGrantsRequest: { Limit: "Integer" },
    ListKeyPoliciesRequest: { Limit: "Integer" },
    ListKeyRotationsRequest: { Limit: "Integer" },
    ListKeysRequest: { Limit: "Integer" },
    ListResourceTagsRequest: { Limit: "Integer" },
    ListRetirableGrantsRequest: { Limit: "Integer" },
    ScheduleKeyDeletionRequest: { PendingWindowInDays: "Integer" },
    ScheduleKeyDeletionResponse: { PendingWindowInDays: "Integer" },
  },
};
