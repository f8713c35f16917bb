// The organization's API keys. A key is shown once, when it is made, and kept nowhere: neither here nor at the service.
import {html, useAnswer, useRef, useShared, useState} from '../html.js';
import {ask, renew, session} from '../api.js';
import {link} from '../router.js';
import {Card, Copy, Empty, Field, Moment, Text, Time, say} from '../parts/basics.js';
import {Confirm, Failed, Rows, Sections} from '../parts/operating.js';
import {Trail} from '../parts/trail.js';

const SCOPES = {
  'imports:read': 'See imports as they are',
  'imports:write': 'Create, change and delete imports',
  'imports:audit': 'See the past of imports, and who changed them',
  admin: 'Create, rotate and revoke keys',
};
const OVERLAPS = [[0, 'not at all'], [3600, 'for an hour'], [86_400, 'for a day'], [604_800, 'for a week']];

export default function Keys({path, query}) {
  const showsTrail = path[0] === 'audit';
  return html`<div class="page">
    <header><h1>Keys</h1></header>
    <${Sections} label="Keys" all=${[[link('keys'), 'Keys', !showsTrail], [link('keys', 'audit'), 'Who did what', showsTrail]]} />
    ${showsTrail ? html`<${Trail} of="audit" at=${['keys', 'audit']} query=${query} />` : html`<${All} />`}
  </div>`;
}

function All() {
  const {caller} = useShared(session);
  const keys = useAnswer(signal => ask('api-keys', {signal}), []);
  const [asked, setAsked] = useState(null);
  const [shown, setShown] = useState(null);
  const overlap = useRef(null);
  const took = made => {
    // Its present secret may have ended: this tab goes on with the new one.
    if (made.id === caller?.key_id) renew(made.key);
    setShown(made);
    keys.again();
  };
  const key = asked?.key;
  const isOwn = key && key.id === caller?.key_id;
  const make = html`<button type="button" class="button primary" onClick=${() => setAsked({verb: 'make'})}>Create a key…</button>`;
  return html`
    ${shown && html`<${Shown} of=${shown} close=${() => setShown(null)} />`}
    <${Failed} of=${keys.failure} what="The keys cannot be told" again=${keys.again} />
    ${keys.data?.length === 0 && html`<${Empty} title="There is no key yet">
      <p>Those that the service’s configuration gives are not listed. Create one for each client, with no more scopes than it needs: it
        can then be revoked without touching another.</p><div>${make}</div><//>`}
    ${keys.data?.length > 0 && html`<${Card} title="The organization’s keys" actions=${make}>
      <${Rows} caption="Keys, the oldest first" heads=${[['Name'], ['Scopes'], ['Allowed from'], ['Created'], ['Last used'], ['Expires'], ['']]}>
        ${keys.data.map(one => html`<tr key=${one.id}>
          <td><strong><${Text} value=${one.name} /></strong><br /><small><code>${one.id}</code>${one.id === caller?.key_id && ', your own'}</small></td>
          <td>${one.scopes.join(', ')}</td>
          <td>${one.allowed_networks.join(', ') || 'everywhere'}</td>
          <td><${Time} value=${one.created_at} /></td>
          <td><${Time} value=${one.last_used_at} /></td>
          <td><${Time} value=${one.expires_at} />${one.previous_expires_at && html`<br /><small>its secret before: <${Time} value=${one.previous_expires_at} /></small>`}</td>
          <td><div class="actions">
            <button type="button" class="button small" onClick=${() => setAsked({verb: 'rotate', key: one})}>Rotate…</button>
            <button type="button" class="button small danger" onClick=${() => setAsked({verb: 'revoke', key: one})}>Revoke…</button></div></td></tr>`)}
      <//>
      <p class="quiet">Uses are noted to the hour. Keys that are revoked, or given by configuration, are not listed.</p>
    <//>`}
    ${asked?.verb === 'make' && html`<${NewKey} close=${() => setAsked(null)} made=${took} may=${caller?.scopes ?? []} />`}
    ${asked?.verb === 'rotate' && html`
      <${Confirm} title="Rotate this key?" verb="Give it another secret" close=${() => setAsked(null)}
        work=${async () => took(await ask(`api-keys/${key.id}/rotate`, {method: 'POST', body: {overlap_seconds: Number(overlap.current.value)}}))}>
        <p><${Text} value=${key.name} /> keeps its id, name and scopes and gets another secret, which is shown once. A secret from before the
          last rotation ends at once.</p>
        <${Field} label="The present secret goes on working"><select ref=${overlap}>${OVERLAPS.map(
          ([seconds, words]) => html`<option value=${seconds} selected=${seconds === 86_400}>${words}</option>`)}</select><//>
        ${isOwn && html`<p><strong>You are using this key here:</strong> this tab goes on with the new secret.</p>`}
      <//>`}
    ${asked?.verb === 'revoke' && html`
      <${Confirm} title="Revoke this key for good?" verb="Revoke it for good" dangerous=${true} close=${() => setAsked(null)}
        work=${async () => {
          await ask('api-keys/' + key.id, {method: 'DELETE'});
          say('The key is revoked.');
          keys.again();
        }}>
        <p><${Text} value=${key.name} /> opens nothing any more after 5 seconds, streams that it opened end, and whoever uses it is refused.
          This cannot be taken back.</p>
        ${isOwn && html`<p><strong>You are using this key here:</strong> the console will ask you for another.</p>`}
      <//>`}`;
}

/** The key, for the only time. */
function Shown({of, close}) {
  return html`<section class="card secret" role="alert">
    <header><h2>Copy the key of <${Text} value=${of.name} /> now: it is not shown again</h2></header>
    <div class="terminal"><code class="key">${of.key}</code><${Copy} text=${of.key} label="Copy" /></div>
    <div class="actions"><button type="button" class="button" onClick=${close}>I have it: put it away</button></div>
  </section>`;
}

function NewKey({close, made, may}) {
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState(['imports:read'].filter(one => may.includes(one)));
  const [networks, setNetworks] = useState('');
  const [expires, setExpires] = useState('');
  const choose = (scope, isWanted) => setScopes(isWanted ? [...scopes, scope] : scopes.filter(one => one !== scope));
  const make = async () => {
    const given = networks.split(/[\s,]+/).filter(Boolean);
    made(
      await ask('api-keys', {
        method: 'POST',
        body: {name, scopes, allowed_networks: given.length ? given : null, expires_at: expires || null},
      }),
    );
  };
  return html`
    <${Confirm} title="Create a key" verb="Create it" close=${close} work=${make}>
      <${Field} label="Name"><input required maxlength="255" placeholder="nightly import" value=${name} onInput=${event => setName(event.target.value)} /><//>
      <fieldset><legend>It may</legend>
        ${Object.entries(SCOPES).map(([scope, words]) => html`<label class="check">
          <input type="checkbox" checked=${scopes.includes(scope)} disabled=${!may.includes(scope)} onChange=${event => choose(scope, event.target.checked)} />
          <span>${words} <small>${scope}${!may.includes(scope) && ', which yours lacks'}</small></span></label>`)}
      </fieldset>
      <${Field} label="Only from these networks" hint="None: from everywhere that your own key may be used from">
        <input placeholder="203.0.113.0/24, 2001:db8::/32" value=${networks} onInput=${event => setNetworks(event.target.value)} /><//>
      <${Moment} label="Expires" value=${expires} onChange=${setExpires} />
    <//>`;
}
