import { describe, expect, test } from "vitest";
import { mayBecome, type ProvisioningStatus } from "./managed-thing.ts";

const ALL: ProvisioningStatus[] = [
  "UNASSOCIATED",
  "PRE_ASSOCIATED",
  "DISCOVERED",
  "ACTIVATED",
  "DELETION_FAILED",
  "DELETE_IN_PROGRESS",
  "ISOLATED",
  "DELETED",
];

/** The "Entered from" column of reference 3.5. */
const LEGAL: Record<ProvisioningStatus, ProvisioningStatus[]> = {
  UNASSOCIATED: ["ACTIVATED"],
  PRE_ASSOCIATED: [],
  DISCOVERED: ["UNASSOCIATED", "PRE_ASSOCIATED"],
  ACTIVATED: ["DISCOVERED", "UNASSOCIATED", "ISOLATED"],
  DELETE_IN_PROGRESS: ["UNASSOCIATED", "PRE_ASSOCIATED", "DISCOVERED", "ACTIVATED", "ISOLATED", "DELETION_FAILED"],
  DELETION_FAILED: ["DELETE_IN_PROGRESS"],
  ISOLATED: ["UNASSOCIATED", "PRE_ASSOCIATED", "DISCOVERED", "ACTIVATED", "DELETION_FAILED", "DELETE_IN_PROGRESS"],
  DELETED: ["DELETE_IN_PROGRESS"],
};

describe("row 7 (part): provisioning status (reference 3.5)", () => {
  for (const to of ALL) {
    test(`${to} is entered from ${LEGAL[to].join(", ") || "nothing"} only`, () => {
      const from = ALL.filter((status) => status !== to && mayBecome(status, to));
      expect(from.sort()).toEqual([...LEGAL[to]].filter((status) => status !== to).sort());
    });
  }
});
