// The whole organization at a moment, and what differs between two.
import {html, useAnswer, useState} from '../html.js';
import {address, askPage, asCurl, count} from '../api.js';
import {link, replace} from '../router.js';
import {Card, Copy, Empty, exact, Field, Moment, number, Pill, Problem, Text} from '../parts/basics.js';
import {LongList, useRows} from '../parts/long.js';
import {addressOf, COLUMNS} from './imports.js';
import {fieldName, Value} from '../parts/one.js';

const PAGE = 200;
const STATUSES = ['pending', 'processing', 'completed', 'failed'];
const AGO = [
  ['An hour ago', 3600e3],
  ['A day ago', 86_400e3],
  ['A week ago', 7 * 86_400e3],
];
const KINDS = {added: 'good', changed: 'busy', gone: 'bad'};

export default function AsOf({query}) {
  const at = query.get('at') ?? '';
  const until = query.get('until') ?? '';
  const filter = {status: query.get('status') ?? '', source: query.get('source') ?? ''};
  const change = more => replace(link('as-of', {at, until, ...filter, ...more}));
  const isTurned = at && until && at > until;
  return html`<div class="page">
    <header><h1>As of</h1><div class="actions">
      ${at && html`<${Copy} text=${location.href} label="Copy link" />
        <${Copy} label="Copy as curl" text=${until ? asCurl('imports/changes', {query: {from: at, to: until, limit: PAGE}}) : asCurl('imports/', {query: {as_of: at, ...filter, limit: PAGE}})} />`}</div></header>
    <${Card}>
      <div class="filters">
        <${Moment} label="The moment" value=${at} onChange=${value => change({at: value})} />
        <${Moment} label="Compared with" value=${until} onChange=${value => change({until: value})} />
        ${!until && html`<${Field} label="Status"><select value=${filter.status} onChange=${event => change({status: event.target.value})}>
          <option value="">Any</option>${STATUSES.map(status => html`<option value=${status}>${status}</option>`)}</select><//>
        <${Field} label="Source"><input maxlength="255" placeholder="Any" value=${filter.source} onChange=${event => change({source: event.target.value.trim()})} /><//>`}
      </div>
      <div class="actions shortcuts">
        ${AGO.map(([word, ago]) => html`<button type="button" class="button small" onClick=${() => change({at: new Date(Date.now() - ago).toISOString()})}>${word}</button>`)}
        ${at && html`<button type="button" class="button small" onClick=${() => change({until: new Date().toISOString()})}>Compare with now</button>`}
        ${until && html`<button type="button" class="button small" onClick=${() => change({until: ''})}>No comparison</button>`}
      </div>
    <//>
    ${!at && html`<${Empty} title="Choose a moment">
      <p>Every state that the organization's imports ever had can be seen again: choose a moment and see them as they were then, deleted ones as well.
      Choose a second one and see what differs: added, changed, gone.</p><//>`}
    ${isTurned && html`<p class="notice">The second moment is before the first. <button type="button" class="button small" onClick=${() => change({at: until, until: at})}>Turn them</button></p>`}
    ${at && !until && html`<${Then} key=${JSON.stringify([at, filter])} at=${at} filter=${filter} />`}
    ${at && until && !isTurned && html`<${Difference} key=${at + until} from=${at} to=${until} />`}
  </div>`;
}

function Then({at, filter}) {
  const query = {as_of: at, ...filter};
  const rows = useRows((url, signal) => askPage(url ?? address('imports/', {query: {...query, limit: PAGE}}), {signal}), JSON.stringify(query));
  const total = useAnswer(signal => count('imports/', {query, signal}), [], JSON.stringify(query));
  return html`<p class="quiet" role="status">${total.data === undefined ? 'Counting…' : `${number(total.data)} ${total.data === 1 ? 'import' : 'imports'} at ${exact(at)} UTC`}</p>
    <${LongList} label=${'Imports as of ' + exact(at)} rows=${rows} columns=${COLUMNS} total=${total.data} keyOf=${row => row.id}
      addressOf=${row => link('imports', row.id, {as_of: at})}
      empty=${html`<${Empty} title="There was no such import"><p>At that moment the organization had none${filter.status || filter.source ? ' that passes the filters' : ''}.</p><//>`} />`;
}

const DIFFERENCES = [
  {title: 'Change', width: '104px', of: row => html`<${Pill} kind=${KINDS[row.change]}>${row.change}<//>`},
  {title: 'File', width: 'minmax(0, 1fr)', of: row => html`<a href=${addressOf(row.import)} tabindex="-1">${row.import.file_name === null ? html`<span class="none">no file</span>` : html`<${Text} value=${row.import.file_name} />`}</a>`},
  {title: 'Source', width: 'minmax(0, .6fr)', of: row => html`<${Text} value=${row.import.source} />`, class: 'wide-only'},
  {title: 'Fields', width: 'minmax(0, 1.6fr)', of: row => html`<${Line} row=${row} />`},
];

function Line({row}) {
  if (row.change !== 'changed') return html`<${Pill} kind=${row.import.status} />`;
  return Object.entries(row.changes)
    .filter(([name]) => name !== 'updated_at')
    .map(([name, {from, to}], i) => html`${i > 0 ? ' · ' : ''}<span class="quiet">${fieldName(name)} </span><${Value} inLine name=${name} value=${from} />${' → '}<${Value} inLine name=${name} value=${to} />`);
}

function Difference({from, to}) {
  const rows = useRows((url, signal) => askPage(url ?? address('imports/changes', {query: {from, to, limit: PAGE}}), {signal}), from + to);
  return html`<p class="quiet">What differs between ${exact(from)} and ${exact(to)} UTC</p>
    <${LongList} label="Differences" rows=${rows} columns=${DIFFERENCES} keyOf=${row => row.import.id} addressOf=${row => addressOf(row.import)}
      empty=${html`<${Empty} title="Nothing differs"><p>The organization's imports were the same at both moments.</p><//>`} />`;
}
