import { formatArn } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import { PolicyParseError, parsePolicy } from "@hearth/policy";
import type { Place } from "../storage/place.ts";

/** The rules of IoT policies as resources (reference 7); what they mean is `@hearth/policy`'s. */
export interface Policy {
  policyName: string;
  defaultVersion: number;
  /** Versions are never numbered again. */
  lastVersion: number;
  /** Milliseconds. */
  createdAt: number;
  modifiedAt: number;
  generationId: string;
}

export interface PolicyVersion {
  version: number;
  document: string;
  /** Milliseconds. */
  createdAt: number;
}

export const MAX_VERSIONS = 5;
export const MAX_POLICIES_PER_PRINCIPAL = 10;

const NAME = /^[\w+=,.@-]{1,128}$/;

export const policyArn = (at: Place, policyName: string): string =>
  formatArn("iot", at.region, at.accountId, `policy/${policyName}`);

export const noPolicy = (policyName: string): ServiceError =>
  new ServiceError("ResourceNotFoundException", `Policy ${policyName} not found`);

export const noPolicyVersion = (policyName: string, version: string): ServiceError =>
  new ServiceError("ResourceNotFoundException", `Policy ${policyName} has no version ${version}`);

/** Throws `InvalidRequestException`. Also for names that no API has checked. */
export function checkPolicyName(policyName: string): void {
  if (!NAME.test(policyName)) {
    throw new ServiceError("InvalidRequestException", "Policy name must match [\\w+=,.@-]{1,128}");
  }
}

/** Throws `MalformedPolicyException`. */
export function checkPolicyDocument(document: string): void {
  try {
    parsePolicy(document, "iot");
  } catch (error) {
    if (!(error instanceof PolicyParseError)) throw error;
    throw new ServiceError("MalformedPolicyException", `Policy document is malformed: ${error.message}`);
  }
}

/** `attached`: names of the policies that the principal has. Throws `LimitExceededException`. */
export function checkAttachable(attached: readonly string[], policyName: string): void {
  if (attached.length >= MAX_POLICIES_PER_PRINCIPAL && !attached.includes(policyName)) {
    throw new ServiceError("LimitExceededException", `A principal has at most ${MAX_POLICIES_PER_PRINCIPAL} policies`);
  }
}
