/** What the atoms of one structure may not do: stay, keep to a line or a plane, keep distances. Arrays are those of the structure. */
export interface Constraint {
  /** Degrees of freedom that are taken. */
  readonly removed: number;
  /**
   * Puts atoms back to where they may go, in place.
   * @param positions - where they were, allowed [atoms 3], Å
   * @param next - where they would go [atoms 3], Å
   * @param masses - [atoms], u
   * @param cell - of now [3 3], Å; default that of the structure which the constraint was made for
   * @throws ConvergenceError when there is no such place near
   */
  adjustPositions(positions: Float64Array, next: Float64Array, masses: Float64Array, cell?: Float64Array): void;
  /** Takes from forces [atoms 3] what the constraint holds, in place. @param masses - [atoms], u */
  adjustForces(positions: Float64Array, forces: Float64Array, masses?: Float64Array, cell?: Float64Array): void;
  /** Takes from momenta [atoms 3] what leads away from the constraint, in place. */
  adjustMomenta(positions: Float64Array, momenta: Float64Array, masses: Float64Array, cell?: Float64Array): void;
  /** Takes from the stress [3 3] what the constraint holds, in place; for those that hold a cell. */
  adjustStress?(cell: Float64Array, stress: Float64Array): void;
  /** Puts the next cell [3 3], Å, back to what is allowed, in place. @throws StructureError for a step that is too long */
  adjustCell?(cell: Float64Array, next: Float64Array): void;
}
