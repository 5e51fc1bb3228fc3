/** What the atoms of one structure may not do: stay, keep to a line or a plane, keep distances. Arrays are those of the structure. */
export interface Constraint {
  /** Degrees of freedom that are taken. */
  readonly removed: number;
  /**
   * Puts atoms back to where they may go, in place.
   * @param positions - where they were, allowed [atoms 3], Å
   * @param next - where they would go [atoms 3], Å
   * @param masses - [atoms], u
   */
  adjustPositions(positions: Float64Array, next: Float64Array, masses: Float64Array): void;
  /** Takes from forces [atoms 3] what the constraint holds, in place. */
  adjustForces(positions: Float64Array, forces: Float64Array): void;
  /** Takes from momenta [atoms 3] what leads away from the constraint, in place. */
  adjustMomenta(positions: Float64Array, momenta: Float64Array, masses: Float64Array): void;
}
