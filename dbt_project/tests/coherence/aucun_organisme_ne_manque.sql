{#-
    Les lectures qui ont les mêmes lignes pour chacun de leurs organismes : le fait, son modèle, la table qui dit lesquels, la colonne
    qui les y nomme, et ce que les deux ont en commun.
-#}
{%- set lectures = [
    ('fct_distribution', 'int_distribution', 'int_participants', 'organisme_code', ['vague']),
    ('fct_motif', 'int_motif', 'int_participants', 'organisme_code', ['vague']),
    ('fct_sensibilite', 'int_sensibilite', 'int_participants', 'organisme_code', ['vague']),
    ('fct_ecart_reference', 'int_ecart_reference', 'int_participants', 'organisme_code', ['vague']),
    ('fct_profil_comparable', 'int_profil', 'int_participants', 'organisme_code', ['vague']),
    ('fct_evolution', 'int_evolution', 'int_couples', 'perimetre', ['methode', 'vague', 'vague_precedente']),
    ('fct_comparaison', 'int_comparaison', 'int_participants', 'organisme_code', ['vague']),
    ('fct_priorite', 'int_priorites', 'int_importances', 'perimetre', ['vague', 'question_globale', 'niveau', 'code']),
    ('fct_quartile', 'int_quartiles', 'int_groupes', 'organisme_code', ['vague', 'groupe_type', 'groupe']),
] -%}
-- Une ligne que la table a pour un organisme, elle l'a pour tous ceux de la vague : des lignes supprimées s'y voient. L'écart au reste
-- de la région n'en est pas : il n'y en a pas là où personne d'autre n'a répondu.
{%- for fait, modele, table, organisme, communes in lectures %}
{%- set cle = colonnes(fait, 'cle') if execute else communes %}
{%- set autres = cle | reject('in', ['perimetre_type', 'perimetre']) | list %}
select
    '{{ fait }}' as fait,
    attendues.vague,
    attendues.perimetre,
    count(*) as manquantes
from (
    select
        cles.*,
        organismes.perimetre
    from (
        select distinct {{ autres | join(', ') }}
        from {{ ref(modele) }}
        where perimetre_type = 'organisme' {{ "and comparaison = 'segment'" if 'comparaison' in autres }}
    ) as cles
    inner join (
        select distinct
            {{ communes | join(', ') }},
            {{ organisme }} as perimetre
        from {{ ref(table) }}
        {%- if organisme == 'perimetre' %}
        where perimetre_type = 'organisme'
        {%- endif %}
    ) as organismes
        on {{ memes('cles', 'organismes', communes) }}
) as attendues
left join {{ ref(modele) }} as lignes
    on
        lignes.perimetre_type = 'organisme'
        and attendues.perimetre = lignes.perimetre
        and {{ memes('attendues', 'lignes', autres) }}
where lignes.perimetre is null
group by all
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
