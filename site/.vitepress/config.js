// The documentation as a website, from the same Markdown as on GitHub: `npm run site` builds it into site/.vitepress/dist.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { repository } = JSON.parse(readFileSync(join(root, 'project.json'), 'utf8'));
const [, base] = /github\.com\/[^/]+\/([^/]+)$/.exec(repository);

export default {
  title: 'Coalmine',
  description: 'Clean metrics from Node services, for canary controllers that decide correctly',
  base: `/${base}/`,
  srcDir: '../docs',
  rewrites: { 'README.md': 'index.md' },
  cleanUrls: true,
  lastUpdated: true,
  head: [
    ['link', { rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent(canary())}` }],
    ['style', {}, readFileSync(join(root, 'site/.vitepress/style.css'), 'utf8')],
  ],
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    sidebar: sidebar(),
    editLink: { pattern: `${repository}/edit/main/docs/:path` },
    socialLinks: [{ icon: 'github', link: repository }],
  },
  markdown: {
    anchor: { slugify: anchorOf },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-default' },
    config: (md) => {
      // The pages speak of `{{args.canary-hash}}`, which is no expression of Vue.
      const render = md.render.bind(md);
      md.render = (...page) => render(...page).replaceAll('{{', '&#123;&#123;');
      md.core.ruler.push('queries', ({ tokens }) => {
        // The highlighter knows neither PromQL nor TraceQL.
        for (const token of tokens) if (/^(?:prom|trace)ql$/.test(token.info)) token.info = 'txt';
      });
      md.core.ruler.push('links', ({ tokens, env }) => {
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          const href = token.type === 'link_open' ? token.attrGet('href') : null;
          if (href !== null) token.attrSet('href', onWebsite(href, env.path));
        }
      });
    },
  },
};

/** The parts and pages of docs/README.md, in its order. */
function sidebar() {
  const text = readFileSync(join(root, 'docs/README.md'), 'utf8');
  return text
    .split(/^## /m)
    .slice(1)
    .map((part) => ({
      text: part.split('\n', 1)[0],
      items: [...part.matchAll(/\[([^\]]+)\]\(([\w-]+)\.md\)/g)].map(([, name, page]) => ({
        text: name[0].toUpperCase() + name.slice(1),
        link: `/${page}`,
      })),
    }));
}

/** Returns the anchor of a heading, which is the same as on GitHub. */
function anchorOf(heading) {
  return heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}

/** Returns the icon of the website: the head of a canary. */
function canary() {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">
<path d="M9 6l7 2-7 3z" fill="#d4700c"/><circle cx="7" cy="8" r="6" fill="#f2c811"/><circle cx="9" cy="6" r="1.2" fill="#1f2328"/>
</svg>`;
}

/** Returns the link of a page as the website has it: a link that leaves the pages goes to the repository. */
function onWebsite(href, page) {
  if (!href.startsWith('..')) return href.replace(/^README\.md/, 'index.md');
  const path = relative(root, join(dirname(page), href)).replaceAll('\\', '/');
  const kind = existsSync(join(root, path.split('#', 1)[0])) && posix.extname(path) === '' ? 'tree' : 'blob';
  return `${repository}/${kind}/main/${path}`;
}
