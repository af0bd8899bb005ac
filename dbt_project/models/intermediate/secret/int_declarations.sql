{%- if execute -%}
select
    mart,
    colonne,
    rang,
    role,
    designe_organismes,
    modele,
    sortie,
    unite,
    bases,
    lignes_communes
from (
    values
    {%- for mart in marts() %}
    {%- set modele = modele_des_organismes(mart) | trim %}
    {%- set derniere = loop.last %}
    {%- for colonne in mart.columns.values() %}
    {%- set unite, bases = unite_de(mart, colonne) | trim, bases_de(mart, colonne) | trim %}
    (
        '{{ mart.name }}', '{{ colonne.name }}', {{ loop.index }}, '{{ role_de(mart.name, colonne) }}',
        {{ 'true' if colonne.config.meta.organismes == 'oui' else 'false' }}, {{ "'" ~ modele ~ "'" if modele else 'null' }},
        {{ "'" ~ sortie(mart, colonne, organismes=true) | trim | replace("'", "''") ~ "'" if modele else 'null' }},
        {{ "'" ~ unite ~ "'" if unite else 'null' }}, {{ "'" ~ bases ~ "'" if bases else 'null' }},
        {{ 'true' if mart.config.meta.lignes_communes == 'oui' else 'false' }}
    ){{ ',' if not (derniere and loop.last) }}
    {%- endfor %}
    {%- endfor %}
) as declarees (mart, colonne, rang, role, designe_organismes, modele, sortie, unite, bases, lignes_communes)
{%- else -%}
select 1 as rang
{%- endif %}
