import { WriteConflict } from "@hearth/backplane";
import { ServiceError } from "@hearth/contract";

/** 404 with the members that managed integrations put into it (reference 2, "Errors"). */
export const notFound = (
  resourceType: string,
  resourceId: string,
  message = `${resourceType} not found.`,
): ServiceError =>
  new ServiceError("ResourceNotFoundException", message, { ResourceId: resourceId, ResourceType: resourceType });

export const invalid = (message: string): ServiceError => new ServiceError("ValidationException", message);

export const conflict = (message: string): ServiceError => new ServiceError("ConflictException", message);

/** Waits for a commit whose guard asks only that something is still there; throws `gone()` where it is not. */
export async function unlessGone(commit: Promise<unknown>, gone: () => ServiceError): Promise<void> {
  try {
    await commit;
  } catch (error) {
    throw error instanceof WriteConflict ? gone() : error;
  }
}
