/**
 * Reads what `print` writes. Indentation and alignment carry no meaning; nothing in the text is executed.
 *
 * Every statement is typed again, and the type on the right must agree. Short dumps cannot be parsed.
 */
import { FormatError } from '../errors.js';
import { TypeMismatch, arity, formatType, inferType, sameType } from './infer.js';
import { mapKey } from './keys.js';
import type {
  Dim,
  Factor,
  Graph,
  IndexMap,
  MatmulForm,
  Monomial,
  Node,
  NodeOf,
  OpAttributes,
  OpName,
  PolynomialTable,
  TableGroup,
  Type,
} from './types.js';

/** The graph of a dump made by `print` with full tables. @throws FormatError with the line, what was expected and found */
export function parse(text: string): Graph {
  const parser = new Parser(text);
  const graph = parser.graph();
  parser.end();
  return graph;
}

const sections = new Set(['maps', 'inputs', 'parameters', 'tables', 'bodies']);
const variadic = new Set(['concat', 'polynomial', 'call']);

/** What one graph of the dump has declared so far. */
class Names {
  readonly maps = new Map<string, IndexMap>();
  readonly leaves = new Map<string, Node>();
  readonly tables = new Map<string, PolynomialTable>();
  readonly bodies = new Map<string, Graph>();
  readonly statements = new Map<string, Node>();
}

class Parser {
  readonly #lines: readonly string[];
  #line = 0;
  #nextLeaf: number;
  /** Equal maps of the graph and of its bodies are one object. */
  readonly #maps = new Map<string, IndexMap>();

  constructor(text: string) {
    this.#lines = text.split('\n').map((line) => line.trim());
    this.#nextLeaf = 1;
    for (const line of this.#lines) {
      const id = /^%(\d+) =/.exec(line);
      if (id) this.#nextLeaf = Math.max(this.#nextLeaf, Number(id[1]) + 1);
    }
  }

  graph(): Graph {
    const names = new Names();
    const inputs: NodeOf<'input'>[] = [];
    const parameters: NodeOf<'parameter'>[] = [];
    const title = this.#take();
    if (!/^graph(\s|$)/.test(title)) this.#fail('`graph` and a name', title);
    const name = this.#text(title.slice('graph'.length).trim());
    while (sections.has(this.#peek())) {
      const section = this.#take();
      while (this.#inSection()) {
        const entry = this.#take();
        if (section === 'maps') this.#map(entry, names);
        else if (section === 'inputs') inputs.push(this.#leaf('input', entry, names) as NodeOf<'input'>);
        else if (section === 'parameters')
          parameters.push(this.#leaf('parameter', entry, names) as NodeOf<'parameter'>);
        else if (section === 'tables') this.#table(entry, names);
        else names.bodies.set(entry, this.graph());
      }
    }
    const maps = [...names.maps.values()];
    return { name, maps, inputs, parameters, outputs: this.#statements(names) };
  }

  end(): void {
    if (this.#peek() !== '') this.#fail('the end of the text', this.#take());
  }

  #statements(names: Names): Record<string, Node> {
    let scope = '';
    while (/^[#%]/.test(this.#peek())) {
      const line = this.#take();
      if (line.startsWith('#')) scope = this.#text(line.slice(1).trim());
      else this.#statement(line, scope, names);
    }
    const outputs: [string, Node][] = [];
    while (this.#peek().startsWith('return ')) {
      const line = this.#take();
      const match = /^return (\S+|"(?:[^"\\]|\\.)*") = (.+?)\s+((?:real|mask)\[[^\]]*\])$/.exec(line);
      if (!match) this.#fail('`return name = value  type`', line);
      const node = this.#operand(match[2]!, names);
      const type = this.#type(match[3]!);
      if (!sameType(node.type, type)) this.#fail(`${formatType(node.type)}, the type of ${match[2]}`, match[3]!);
      outputs.push([this.#text(match[1]!), node]);
    }
    if (outputs.length === 0)
      this.#fail('a statement, a scope or `return`', this.#peek() === '' ? 'the end of the text' : this.#take());
    return Object.fromEntries(outputs);
  }

  #statement(line: string, scope: string, names: Names): void {
    const match = /^(%(\d+)) = (\w+)(.*?)\s+((?:real|mask)\[[^\]]*\])$/.exec(line);
    if (!match) this.#fail('`%number = op operands attributes  type`', line);
    const [, label, id, op, rest, typeText] = match as unknown as [string, string, string, OpName, string, string];
    if (names.statements.has(label)) this.#fail('a new number', `${label} again`);
    const tokens = rest.match(/(?:[A-Za-z]+=)?(?:"(?:[^"\\]|\\.)*"|\[[^\]]*\])|\S+/g) ?? [];
    const named = new Map<string, string>();
    const positional: string[] = [];
    for (const token of tokens) {
      const assignment = /^([A-Za-z]+)=(.+)$/s.exec(token);
      if (assignment) named.set(assignment[1]!, assignment[2]!);
      else positional.push(token);
    }
    if (!Object.hasOwn(arity, op) && !variadic.has(op)) this.#fail('the name of an op', op);
    const attributes = this.#attributes(op, positional, named, names);
    const unread = [...named.keys()].join(', ');
    if (unread) this.#fail(`no such attribute of ${op}`, unread);
    const operands = positional.map((token) => this.#operand(token, names));
    const type = this.#type(typeText);
    names.statements.set(label, this.#typed(op, operands, attributes, type, Number(id), scope));
  }

  #typed(
    op: OpName,
    operands: readonly Node[],
    attributes: OpAttributes[OpName],
    declared: Type,
    id: number,
    scope: string,
  ): Node {
    let type: Type;
    try {
      type = inferType(
        op,
        operands.map((operand) => operand.type),
        attributes,
        declared,
      );
    } catch (error) {
      if (!(error instanceof TypeMismatch)) throw error;
      throw new FormatError(
        `dump line ${this.#line}: ${op} in ${scope || 'the graph'}: ${error.message}. Correct the statement.`,
        { cause: error },
      );
    }
    if (!sameType(type, declared)) this.#fail(`${formatType(type)}, the type of this ${op}`, formatType(declared));
    return { id, op, operands, attributes, type, scope } as unknown as Node;
  }

  /** Reads the attributes of an op; takes those that stand without a name off `positional`. */
  #attributes(op: OpName, positional: string[], named: Map<string, string>, names: Names): OpAttributes[OpName] {
    const take = (name: string): string => {
      const value = named.get(name);
      if (value === undefined)
        this.#fail(
          `${op} with ${name}=…; a short dump cannot be parsed, print it with full tables`,
          [...positional, ...named.keys()].join(' '),
        );
      named.delete(name);
      return value;
    };
    const integer = (name: string): number => this.#integer(take(name));
    const lookUp = <T>(known: ReadonlyMap<string, T>, what: string, name: string): T => {
      const value = known.get(name);
      if (value === undefined) this.#fail(`${what} among ${[...known.keys()].join(', ') || '(none)'}`, name);
      return value;
    };
    const map = (name: string): IndexMap => lookUp(names.maps, 'a map', this.#text(name));
    switch (op) {
      case 'input':
      case 'parameter':
        return this.#fail(`inputs and parameters in the header`, op);
      case 'constant':
        return { values: this.#list(positional.splice(0).join(' ')).map((value) => this.#number(value)) };
      case 'sum':
        return { axes: this.#integers(take('axes')) };
      case 'transpose':
        return { order: this.#integers(take('order')) };
      case 'slice':
        return { axis: integer('axis'), start: integer('start'), stop: integer('stop') };
      case 'pad':
        return { axis: integer('axis'), before: integer('before'), after: integer('after') };
      case 'concat':
        return { axis: integer('axis') };
      case 'matmul': {
        const form = take('form');
        if (form !== 'nn' && form !== 'nt' && form !== 'tn') this.#fail('form=nn, nt or tn', form);
        return named.has('group')
          ? { form: form as MatmulForm, group: map(take('group')) }
          : { form: form as MatmulForm };
      }
      case 'gather':
      case 'segmentSum':
        return { map: map(positional.pop() ?? '') };
      case 'polynomial':
        return { table: lookUp(names.tables, 'a table', take('table')) };
      case 'table': {
        const body = lookUp(names.bodies, 'a body', take('body'));
        const order = integer('order');
        const numbers = this.#list(take('groups')).map((value) => this.#number(value));
        if ((order !== 0 && order !== 1) || numbers.length % 4 !== 0)
          this.#fail('order 0 or 1 and four numbers for each group', `${order} and ${numbers.length}`);
        const groups = Array.from({ length: numbers.length / 4 }, (_, group): TableGroup => {
          const [start, intervals, from, to] = numbers.slice(4 * group) as [number, number, number, number];
          return { start, intervals, range: [from, to] };
        });
        return {
          body,
          ...(named.has('slope') ? { slope: lookUp(names.bodies, 'a body', take('slope')) } : {}),
          order,
          ...(named.has('map') ? { map: map(take('map')) } : {}),
          cutoff: this.#number(take('cutoff')),
          groups,
        };
      }
      case 'call':
        return {
          name: this.#text(take('name')),
          body: lookUp(names.bodies, 'a body', take('body')),
          output: this.#text(take('output')),
        };
      default:
        return {};
    }
  }

  #operand(token: string, names: Names): Node {
    const node = token.startsWith('%') ? names.statements.get(token) : names.leaves.get(this.#text(token));
    if (!node) this.#fail('an operand that was defined above: %number, an input or a parameter', token);
    return node;
  }

  #leaf(op: 'input' | 'parameter', entry: string, names: Names): Node {
    const [name, rest] = this.#entry(entry);
    if (names.leaves.has(name)) this.#fail('a new name', `${name} again`);
    const leaf = this.#typed(op, [], { name }, this.#type(rest), this.#nextLeaf++, '');
    names.leaves.set(name, leaf);
    return leaf;
  }

  #map(entry: string, names: Names): void {
    const [name, rest] = this.#entry(entry);
    const match = /^(\S+) -> (\S+)(?: = (\w+) (\S+|"(?:[^"\\]|\\.)*") (.+))?$/.exec(rest);
    if (!match) this.#fail('`name: from -> to` and an optional derivation', entry);
    let map: IndexMap = { name, from: this.#dim(match[1]!), to: this.#dim(match[2]!) };
    const kind = match[3];
    if (kind !== undefined) {
      const known = (text: string): IndexMap =>
        names.maps.get(this.#text(text)) ?? this.#fail('a map that was listed above', text);
      const first = known(match[4]!);
      if (kind === 'compose' || kind === 'pair')
        map = { ...map, derivation: { kind, first, second: known(match[5]!) } };
      else if (kind === 'select') map = { ...map, derivation: { kind, first, keep: this.#integers(match[5]!) } };
      else this.#fail('compose, pair or select', kind);
    }
    if (names.maps.has(name)) this.#fail('a new name', `${name} again`);
    const key = mapKey(map);
    if (!this.#maps.has(key)) this.#maps.set(key, map);
    names.maps.set(name, this.#maps.get(key)!);
  }

  #table(entry: string, names: Names): void {
    const match = /^(\w+): (\d+) outputs, (\d+) monomials$/.exec(entry);
    if (!match) this.#fail('`name: N outputs, M monomials`', entry);
    const monomials: Monomial[] = [];
    while (this.#peek().startsWith('[')) {
      const line = this.#take();
      const terms = /^\[(\d+)\] = (.+)$/.exec(line);
      if (!terms) this.#fail('`[component] = terms`', line);
      for (const term of terms[2]!.split(' + ')) {
        const [coefficient, ...factors] = term.split(' ');
        monomials.push({
          out: Number(terms[1]),
          coefficient: this.#number(coefficient!),
          factors: factors.map((factor) => this.#factor(factor)),
        });
      }
    }
    if (monomials.length !== Number(match[3]))
      this.#fail(`${match[3]} monomials in ${match[1]}`, String(monomials.length));
    names.tables.set(match[1]!, { outputs: Number(match[2]), monomials });
  }

  #factor(text: string): Factor {
    const match = /^(\d+)\[(\d+)\]$/.exec(text);
    if (!match) this.#fail('`operand[component]`', text);
    return { operand: Number(match[1]), component: Number(match[2]) };
  }

  /** `name: rest` */
  #entry(text: string): [string, string] {
    const match = /^("(?:[^"\\]|\\.)*"|[^\s:]+): (.+)$/.exec(text);
    if (!match) this.#fail('`name: …`', text);
    return [this.#text(match[1]!), match[2]!];
  }

  #type(text: string): Type {
    const match = /^(real|mask)\[([^\]]*)\]$/.exec(text);
    if (!match) this.#fail('a type such as real[edges 3]', text);
    const dims = match[2]!.split(' ').filter((dim) => dim !== '');
    return { kind: match[1] as Type['kind'], shape: dims.map((dim) => this.#dim(dim)) };
  }

  #dim(text: string): Dim {
    return text === 'atoms' || text === 'edges' || text === 'graphs' ? text : this.#integer(text);
  }

  #list(text: string): string[] {
    const match = /^\[([^\]]*)\]$/.exec(text);
    if (!match) this.#fail('a list in brackets', text);
    return match[1]!.split(' ').filter((item) => item !== '');
  }

  #integers(text: string): number[] {
    return this.#list(text).map((item) => this.#integer(item));
  }

  #integer(text: string): number {
    return /^\d+$/.test(text) ? Number(text) : this.#fail('a whole number', text);
  }

  #number(text: string): number {
    return /^(-?(\d+(\.\d+)?(e[+-]?\d+)?|Infinity)|NaN)$/.test(text)
      ? Number(text)
      : this.#fail('a number; a short dump cannot be parsed, print it with full tables', text);
  }

  /** Bare text, or a JSON string. */
  #text(text: string): string {
    if (!text.startsWith('"')) return text;
    try {
      return JSON.parse(text) as string;
    } catch {
      return this.#fail('a closed string', text);
    }
  }

  #inSection(): boolean {
    const line = this.#peek(false);
    return line !== '' && !sections.has(line) && !/^(%|#|return )/.test(line);
  }

  /** The next line that is not empty, or the very next one; '' at the end. */
  #peek(skipEmpty = true): string {
    let at = this.#line;
    if (skipEmpty) while (at < this.#lines.length && this.#lines[at] === '') at++;
    return this.#lines[at] ?? '';
  }

  #take(): string {
    while (this.#line < this.#lines.length && this.#lines[this.#line] === '') this.#line++;
    return this.#lines[this.#line++] ?? '';
  }

  #fail(expected: string, found: string): never {
    throw new FormatError(
      `dump line ${this.#line}: expected ${expected}, got \`${found}\`. Correct the dump, or print the graph again.`,
    );
  }
}
