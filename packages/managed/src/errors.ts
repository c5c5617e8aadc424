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
