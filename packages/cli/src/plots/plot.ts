/** What is to be plotted. */

export interface Series {
  /** In the legend. */
  readonly label: string;
  /** NaN leaves a gap. */
  readonly values: ArrayLike<number>;
  /** Default the values of the x axis. */
  readonly x?: ArrayLike<number>;
  /** Default a line. */
  readonly style?: 'line' | 'dashed' | 'points';
}

/** What has a y axis of its own. */
export interface Panel {
  /** With its unit: `Temperature [K]`. */
  readonly label: string;
  readonly series: readonly Series[];
  /** The axis includes zero. */
  readonly fromZero?: boolean;
}

export interface StackedPlots {
  readonly title: string;
  /** A line below the title, in small letters. */
  readonly subtitle?: string;
  readonly x: {
    readonly label: string;
    readonly values: ArrayLike<number>;
    readonly range?: readonly [number, number];
  };
  /** One below the other, over one x axis. */
  readonly panels: readonly Panel[];
}

/** A plot of one panel. */
export interface LinePlot extends Omit<StackedPlots, 'panels'> {
  readonly y: { readonly label: string; readonly fromZero?: boolean };
  readonly series: readonly Series[];
}
