/** MQTT topic names and filters ([MQTT-4.7]). */

const hasNull = (text: string): boolean => text.includes("\u0000");

/** A topic name to publish to: not empty, no wildcard, no NUL [MQTT-4.7.3-1, 4.7.3-2, 3.3.2-2]. */
export function isTopicName(topic: string): boolean {
  return topic.length > 0 && !topic.includes("#") && !topic.includes("+") && !hasNull(topic);
}

/** A filter to subscribe to: `+` fills a whole level, `#` a whole last level [MQTT-4.7.1-1, 4.7.1-2]. */
export function isTopicFilter(filter: string): boolean {
  if (filter.length === 0 || hasNull(filter)) return false;
  const levels = filter.split("/");
  return levels.every((level, index) => {
    if (level === "#") return index === levels.length - 1;
    return level === "+" || (!level.includes("+") && !level.includes("#"));
  });
}

/**
 * Whether `filter` covers `topic`. A filter that starts with a wildcard does not match topics that start
 * with `$` [MQTT-4.7.2-1]. `parent/#` matches `parent` itself by the standard (section 4.7.1.2); AWS does not,
 * which `hashMatchesParent: false` gives.
 */
export function topicMatches(filter: string, topic: string, hashMatchesParent = true): boolean {
  if (topic.startsWith("$") && (filter.startsWith("+") || filter.startsWith("#"))) return false;
  const wanted = filter.split("/");
  const levels = topic.split("/");
  for (let i = 0; i < wanted.length; i++) {
    if (wanted[i] === "#") return levels.length > i || (hashMatchesParent && levels.length === i);
    if (i >= levels.length) return false;
    if (wanted[i] !== "+" && wanted[i] !== levels[i]) return false;
  }
  return wanted.length === levels.length;
}

export interface SharedFilter {
  /** Present for `$share/<name>/<filter>`. */
  share?: string;
  filter: string;
}

/** Splits a shared subscription; undefined when it is malformed [MQTT-4.8.2-1, 4.8.2-2]. */
export function parseSharedFilter(text: string): SharedFilter | undefined {
  if (!text.startsWith("$share/")) return isTopicFilter(text) ? { filter: text } : undefined;
  const slash = text.indexOf("/", 7);
  if (slash < 0) return undefined;
  const share = text.slice(7, slash);
  const filter = text.slice(slash + 1);
  if (share.length === 0 || /[+#]/.test(share) || !isTopicFilter(filter)) return undefined;
  return { share, filter };
}
