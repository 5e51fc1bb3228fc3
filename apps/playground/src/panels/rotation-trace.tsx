/** The largest difference of the forces at every angle that was seen, on a scale of decades. */
import { allowed, seen } from '../trials/rotation.js';
import { numberText } from '../ui/numbers.js';

const [width, height, left, bottom] = [720, 130, 58, 22];
const room = 8;

export function RotationTrace() {
  const all = seen.value;
  const limit = allowed.value;
  const [top, least] = [Math.ceil(Math.log10(limit)), Math.floor(Math.log10(limit)) - 5];
  const x = (angle: number): number => left + ((width - left - room) * angle) / 360;
  const y = (value: number): number => {
    const share = (Math.log10(Math.max(value, 10 ** least)) - least) / (top - least);
    return room + (height - bottom - room) * (1 - Math.min(1, share));
  };
  return (
    <svg
      class="trace"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={`Differences of forces at ${all.length} angles, at most ${numberText(all.reduce((most, one) => Math.max(most, one.difference), 0))} eV/Å; ${numberText(limit)} eV/Å are allowed`}
    >
      {[least, top].map((decade) => (
        <text key={decade} x={left - 8} y={y(10 ** decade) + 4} text-anchor="end">
          {numberText(10 ** decade).replace('1.0 × ', '')}
        </text>
      ))}
      <line class="allowed" x1={left} x2={width - room} y1={y(limit)} y2={y(limit)} />
      <text x={width - room} y={y(limit) + 14} text-anchor="end">
        allowed
      </text>
      <line class="floor" x1={left} x2={width - room} y1={height - bottom} y2={height - bottom} />
      {[0, 90, 180, 270, 360].map((angle) => (
        <text key={angle} x={x(angle)} y={height - 6} text-anchor={angle === 360 ? 'end' : 'middle'}>
          {angle}°
        </text>
      ))}
      {all.map((one) => (
        <circle key={one.angle} cx={x(one.angle)} cy={y(one.difference)} r={one === all.at(-1) ? 4.5 : 2.2} />
      ))}
    </svg>
  );
}
