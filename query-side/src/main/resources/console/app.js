import {html, render} from './html.js';
import {Shell} from './parts/shell.js';
import {resume} from './api.js';
import './live.js';

const here = document.getElementById('console');
here.replaceChildren();
render(html`<${Shell} />`, here);
resume();
