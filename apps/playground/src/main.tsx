/** Starts the page: its look, the worker, the bundled model, and the structure that a link or the last visit names. */
import './style/page.css';
import { render } from 'preact';
import { App } from './app.js';
import { begin } from './begin.js';
import { keepTheme } from './theme.js';

keepTheme();
render(<App />, document.getElementById('app')!);
void begin();
