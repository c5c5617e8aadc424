import type { RequestContext } from "@hearth/contract";

export interface ObjectName {
  bucket: string;
  key: string;
  versionId?: string;
}

/** The platform, on behalf of a job, a stream or an OTA task; in `roleArn` where one was given. */
export interface ObjectReader {
  service: "iot.amazonaws.com" | "iotmanagedintegrations.amazonaws.com";
  accountId: string;
  /** For conditions on `aws:SourceArn`. */
  sourceArn: string;
  roleArn?: string;
}

/** What jobs, streams and OTA updates need of an object store (S3). Rejects with S3's names of errors. */
export interface JobObjects {
  /** As the caller himself: `s3:GetObject` by his policies and the bucket's. At most `limit` bytes, or it rejects. */
  readAs(request: RequestContext, object: ObjectName, limit: number): Promise<Uint8Array>;
  head(object: ObjectName, reader: ObjectReader): Promise<{ size: number; etag: string; versionId?: string }>;
  /** `range`: first and last byte, both included. */
  read(
    object: ObjectName,
    reader: ObjectReader,
    range?: { first: number; last: number },
  ): Promise<AsyncIterable<Uint8Array>>;
  /** A URL that lets whoever has it read the object for `seconds`. */
  presign(object: ObjectName, reader: ObjectReader & { roleArn: string }, seconds: number): Promise<string>;
  /** The caller may pass the role (iam:PassRole), and the role may be assumed by iot.amazonaws.com. */
  checkRole(request: RequestContext, roleArn: string): Promise<void>;
  /** The bucket and key that an HTTPS or `s3://` address names; undefined when it is none of this store's. */
  locate(url: string): ObjectName | undefined;
}
