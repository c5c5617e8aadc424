import { ServiceError } from "@hearth/contract";
import { checkDocument, DOCUMENT_BYTES } from "@hearth/iot";
import { invalid, notFound } from "../errors.ts";
import type { Place } from "../place.ts";
import { inOwnWords } from "./in-own-words.ts";
import type { ObjectName, OtaObjects } from "./ota-jobs.ts";

const SERVICE = "iotmanagedintegrations.amazonaws.com";

const GONE = new Set(["NoSuchBucket", "NoSuchKey", "NoSuchVersion", "MethodNotAllowed"]);

/**
 * The document of a new task, read as the service (reference 12, "Bucket policy").
 * Throws AccessDeniedException where the bucket does not let it, ResourceNotFoundException, ValidationException.
 */
export async function readOtaDocument(objects: OtaObjects, s3Url: string, at: Place, arn: string): Promise<string> {
  const object = objects.locate(s3Url);
  if (object === undefined) {
    throw invalid("S3Url: not the address of an object. Give s3://<bucket>/<key> or the object's HTTPS URL.");
  }
  const bytes = await bytesOf(objects, object, at, arn);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw invalid("S3Url: the document is not UTF-8.");
  }
  const { parameters, presigned } = inOwnWords("S3Url", () => checkDocument(text));
  if (parameters.size > 0 || presigned.size > 0) {
    throw invalid(
      "S3Url: the document has placeholders (${aws:iot:…}), and an OTA task has no role to fill them. Put presigned URLs into it.",
    );
  }
  return text;
}

async function bytesOf(objects: OtaObjects, object: ObjectName, at: Place, arn: string): Promise<Uint8Array> {
  const { bucket, key } = object;
  try {
    return await objects.read(object, { accountId: at.accountId, arn }, DOCUMENT_BYTES);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    if (GONE.has(error.name)) throw notFound("S3Object", `${bucket}/${key}`, `S3Url: ${error.message}`);
    if (error.name === "EntityTooLarge") throw invalid(`S3Url: the document has more than ${DOCUMENT_BYTES} bytes.`);
    if (error.name !== "AccessDenied") throw invalid(`S3Url: the document cannot be read (${error.name}).`);
    throw new ServiceError(
      "AccessDeniedException",
      `${SERVICE} may not read ${key} of bucket ${bucket}. Let the bucket's policy allow the service principal ${SERVICE} s3:GetObject on arn:aws:s3:::${bucket}/${key}.`,
    );
  }
}
