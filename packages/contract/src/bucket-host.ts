/**
 * The bucket that S3 takes from a `Host` header: `<bucket>.s3.<host>` as AWS has it, and `<bucket>.localhost`, which SDKs
 * make of an endpoint `localhost`. Undefined: the path names it.
 */
export function bucketOfHost(host: string): string | undefined {
  const name = host.toLowerCase().replace(/:\d{1,5}$/, "");
  if (name.length > 253) return undefined;
  const mark = Math.max(name.lastIndexOf(".s3."), name.lastIndexOf(".s3-"));
  if (mark > 0) return name.slice(0, mark);
  return name.endsWith(".localhost") && !/^s3[.-]/.test(name) ? name.slice(0, -".localhost".length) : undefined;
}
