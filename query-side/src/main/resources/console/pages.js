// The pages, in the order of the menu. A page is shown to callers that have one of its scopes, and loaded when it is opened.
export const PAGES = [
  {name: 'imports', title: 'Imports', icon: 'list', scopes: ['imports:read', 'imports:audit'], load: () => import('./pages/imports.js')},
  {name: 'feed', title: 'Feed', icon: 'feed', scopes: ['imports:audit'], load: () => import('./pages/feed.js')},
  {name: 'as-of', title: 'As of', icon: 'clock', scopes: ['imports:audit'], load: () => import('./pages/as-of.js')},
  {name: 'operate', title: 'Operate', icon: 'gauge', scopes: ['operator'], load: () => import('./pages/operate.js')},
  {name: 'keys', title: 'Keys', icon: 'key', scopes: ['admin'], load: () => import('./pages/keys.js')},
  {name: 'proof', title: 'Proof', icon: 'proof', scopes: ['operator'], load: () => import('./pages/proof.js')},
];
