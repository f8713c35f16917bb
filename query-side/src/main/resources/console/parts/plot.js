// Figures over time, drawn by uPlot, which is loaded with the first plot.
import {html, useEffect, useLayoutEffect, useRef, useState} from '../html.js';
import {number} from './basics.js';

/** A colour of the style sheet as the canvas wants it. */
function colour(name) {
  const probe = document.createElement('i');
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

function told(seconds, isDay) {
  const time = new Date(seconds * 1000);
  return isDay ? `${MONTHS[time.getUTCMonth()]} ${time.getUTCDate()}` : time.toISOString().slice(11, 19);
}

/**
 * Lines over time.
 *
 * @param title what it shows, for those who do not see it
 * @param times seconds since 1970, one for each point
 * @param series [{name, colour: a name of the style sheet, values: one for each time}]
 * @param format how a value is told
 */
export function Plot({title, times, series, height = 150, format = number, day = false}) {
  const box = useRef(null);
  const plot = useRef(null);
  const [at, setAt] = useState(null);
  const [theme, setTheme] = useState(0);
  useEffect(() => {
    const changed = () => setTheme(n => n + 1);
    const watch = new MutationObserver(changed);
    watch.observe(document.documentElement, {attributeFilter: ['data-theme']});
    const system = matchMedia('(prefers-color-scheme: dark)');
    system.addEventListener('change', changed);
    return () => {
      watch.disconnect();
      system.removeEventListener('change', changed);
    };
  }, []);
  const names = series.map(one => one.name).join();
  useLayoutEffect(() => {
    let isGone = false;
    let resize = null;
    import('uplot').then(({default: Lines}) => {
      if (isGone || !box.current) return;
      const quiet = colour('quiet');
      const line = colour('line');
      const axis = {stroke: quiet, grid: {stroke: line, width: 1}, ticks: {show: false}, font: '11px system-ui, sans-serif'};
      const drawn = new Lines(
        {
          width: box.current.clientWidth,
          height,
          padding: [8, 8, 0, 0],
          legend: {show: false},
          cursor: {y: false, drag: {x: false, y: false}, points: {size: 6}},
          scales: {x: {time: true}, y: {range: (_, low, high) => [0, Math.max(high, 4) * 1.08]}},
          tzDate: seconds => Lines.tzDate(new Date(seconds * 1000), 'UTC'),
          axes: [
            {...axis, size: 24, grid: {show: false}, space: 70, values: (_, marks) => marks.map(mark => told(mark, day))},
            {...axis, size: 40, space: 32, values: (_, marks) => marks.map(mark => (Number.isInteger(mark) ? new Intl.NumberFormat('en', {notation: 'compact'}).format(mark) : ''))},
          ],
          series: [
            {},
            ...series.map(one => ({stroke: colour(one.colour), width: 1.75, fill: one.soft ? colour(one.soft) : undefined, points: {show: false}})),
          ],
          hooks: {setCursor: [one => setAt(one.cursor.idx ?? null)]},
        },
        [times, ...series.map(one => one.values)],
        box.current,
      );
      drawn.root.setAttribute('aria-hidden', 'true');
      plot.current = drawn;
      resize = new ResizeObserver(() => box.current && drawn.setSize({width: box.current.clientWidth, height}));
      resize.observe(box.current);
    });
    return () => {
      isGone = true;
      resize?.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [names, theme, height]);
  useEffect(() => {
    plot.current?.setData([times, ...series.map(one => one.values)]);
  }, [times, ...series.map(one => one.values)]);
  const formatted = value => (value === null || value === undefined ? '–' : format(value));
  const sums = series.map(one => one.values.reduce((sum, value) => sum + (value ?? 0), 0));
  const moment = at === null || times[at] === undefined ? null : new Date(times[at] * 1000).toISOString();
  return html`<figure class="plot">
    <div ref=${box} role="img" aria-label=${title}></div>
    <figcaption class="legend">
      ${series.map(
        (one, i) => html`<span><i class=${'dot ' + (one.dot ?? one.colour)}></i>${one.name}
          <b>${day && !moment ? format(sums[i]) : formatted(moment ? one.values[at] : one.values.at(-1))}</b></span>`,
      )}
      <span>${moment ? told(times[at], day) : ''}</span>
    </figcaption>
  </figure>`;
}
