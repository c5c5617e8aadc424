/** How the rooms above read and write objects, whichever store holds them. */

/** An object as a URL `s3://<bucket>/<key>` names it; without a version the newest. */
export interface ObjectName {
  bucket: string;
  key: string;
  versionId?: string;
}

/** A service of the platform that asks for an object on behalf of an account. */
export interface ObjectCaller {
  /** `iot.amazonaws.com`, `iotmanagedintegrations.amazonaws.com`, `cloudtrail.amazonaws.com` */
  service: string;
  /** The account on whose behalf it asks: `aws:SourceAccount` in the bucket's policy and in the role's trust. */
  accountId: string;
  /** The resource on whose behalf it asks: `aws:SourceArn` there. */
  sourceArn: string;
  /** The role that the account gave for it. Absent: the bucket's policy must name the service itself. */
  roleArn?: string;
}

export interface ObjectHead {
  /** Bytes. */
  size: number;
  /** In quotes, as HTTP has it. */
  etag: string;
  versionId?: string;
  contentType?: string;
  /** Milliseconds since the epoch. */
  modifiedAt: number;
}

/** First and last byte, both inclusive, counted from 0. */
export interface ByteRange {
  first: number;
  last: number;
}

/**
 * Each of them throws `ServiceError` by S3's names: `NoSuchBucket`, `NoSuchKey`, `NoSuchVersion`, `AccessDenied` (also where
 * the role does not trust the service), `InvalidRange`; the caller says it in its own API's words.
 */
export interface ObjectReader {
  /** `s3:GetObject` (with a version `s3:GetObjectVersion`) is asked for, like a read. */
  head(object: ObjectName, caller: ObjectCaller): Promise<ObjectHead>;
  /** The bytes come as they are read; whoever stops early ends the loop or calls the iterator's `return`. */
  read(
    object: ObjectName,
    caller: ObjectCaller,
    range?: ByteRange,
  ): Promise<ObjectHead & { body: AsyncIterable<Uint8Array> }>;
  /**
   * A URL at HEARTH_PUBLIC_URL, or at the store elsewhere, by which anybody may download the object for `seconds` (1 to 604,800; not longer than
   * the role's session, an hour). It is signed by the caller's role, which must be given and may read the object at the time of the download; elsewhere by the
   * store's credentials, where that role may read it now.
   */
  presign(object: ObjectName, caller: ObjectCaller & { roleArn: string }, seconds: number): Promise<string>;
}

export interface ObjectWriter {
  /** Whether the caller may write such an object now. Throws `NoSuchBucket`, `AccessDenied`. */
  checkWrite(object: Omit<ObjectName, "versionId">, caller: ObjectCaller): Promise<void>;
  /** `s3:PutObject` is asked for. Resolves once the object is durable. */
  write(
    object: Omit<ObjectName, "versionId">,
    caller: ObjectCaller,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    headers?: { contentType?: string; contentEncoding?: string },
  ): Promise<{ etag: string; versionId?: string }>;
}

/** Objects of this installation, or of a store that speaks S3 elsewhere. */
export type ObjectAccess = ObjectReader & ObjectWriter;
