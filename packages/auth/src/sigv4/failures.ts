import { ServiceError } from "@hearth/contract";

/** The errors of a request that does not prove who sent it (AWS: "Common Errors"). None repeats a secret. */
export const missingAuthentication = (): ServiceError =>
  new ServiceError("MissingAuthenticationTokenException", "Missing Authentication Token");

export const incompleteSignature = (message: string): ServiceError =>
  new ServiceError("IncompleteSignatureException", message);

export const invalidSignature = (message: string): ServiceError =>
  new ServiceError("InvalidSignatureException", message);

export const signatureMismatch = (): ServiceError =>
  invalidSignature(
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
  );

export const unrecognizedClient = (): ServiceError =>
  new ServiceError("UnrecognizedClientException", "The security token included in the request is invalid.");

export const expiredToken = (): ServiceError =>
  new ServiceError("ExpiredTokenException", "The security token included in the request is expired");
