// The models that the proxy offers, and where they are. A deployment has a name of ours, from which
// nobody can tell what it costs: `base_model` says by which list price it is counted.
local deployment(name, base, extra={}) = {
  model_name: name,
  litellm_params: {
    model: 'azure/' + name,
    api_base: 'os.environ/AZURE_API_BASE',
    api_key: 'os.environ/AZURE_API_KEY',
    api_version: '2025-04-01-preview',
  } + extra,
  model_info: { base_model: 'azure/' + base },
};

// Per minute, all users together: what was agreed with the provider.
local limits(requests, tokens) = { rpm: requests, tpm: tokens };

local embedding(name) = deployment(name, name, limits(6000, 1000000)) { model_info+: { mode: 'embedding' } };

[
  deployment('gpt-o3-mini', 'o3-mini', limits(600, 600000)),
  deployment('gpt-o1', 'o1', limits(120, 200000)),
  deployment('gpt-o1-mini', 'o1-mini', limits(300, 400000)),
  deployment('gpt-4o-mini', 'gpt-4o-mini', limits(3000, 2000000)),
  embedding('text-embedding-3-small'),
  embedding('text-embedding-3-large'),
]
