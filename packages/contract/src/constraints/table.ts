/**
 * Facts of a public AWS API that the SDK's exported schemas do not carry. `shapes` are named simple shapes, lists and
 * maps; `uses` says which member of which structure is of which of them (the schemas erase the names of simple
 * shapes). The generator merges both into the service's model.
 */
export interface ConstraintTable {
  shapes: Readonly<Record<string, ShapeConstraint>>;
  /** Structure → member → a key of `shapes`. */
  uses: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Structure → members that the service requires and the schemas leave optional, as clients fill them in. */
  required?: Readonly<Record<string, readonly string[]>>;
}

export interface ShapeConstraint {
  type: "string" | "integer" | "long" | "float" | "double" | "blob" | "list" | "map";
  /** Strings: code points. Numbers: value. Blobs: bytes. Lists and maps: entries. */
  min?: number;
  max?: number;
  pattern?: string;
  enum?: readonly string[];
  unique?: true;
  /** Lists: a key of `shapes`, where the items are constrained and not structures. */
  member?: string;
  /** Maps: the same for keys and values. */
  key?: string;
  value?: string;
}
