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
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    sidebar: sidebar(),
    editLink: { pattern: `${repository}/edit/main/docs/:path` },
    socialLinks: [{ icon: 'github', link: repository }],
  },
  markdown: {
    config: (md) => {
      // The pages speak of `{{args.canary-hash}}`, which is no expression of Vue.
      const render = md.render.bind(md);
      md.render = (...page) => render(...page).replaceAll('{{', '&#123;&#123;');
      md.core.ruler.push('queries', ({ tokens }) => {
        // The highlighter does not know PromQL.
        for (const token of tokens) if (token.info === 'promql') token.info = 'txt';
      });
      md.core.ruler.push('links to the repository', ({ tokens, env }) => {
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          const href = token.type === 'link_open' ? token.attrGet('href') : null;
          if (href !== null) token.attrSet('href', inRepository(href, env.path));
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

/** A link that leaves the pages goes to the repository. */
function inRepository(href, page) {
  if (!href.startsWith('..')) return href;
  const path = relative(root, join(dirname(page), href)).replaceAll('\\', '/');
  const kind = existsSync(join(root, path.split('#', 1)[0])) && posix.extname(path) === '' ? 'tree' : 'blob';
  return `${repository}/${kind}/main/${path}`;
}
